import { queryOnce, withDatabase } from './client.js';
import { createDatabaseName, type TestPostgres } from './test-postgres.js';

/** A server that belongs to somebody else: only databases of our own are touched, and dropped at the end. */
export async function useExisting(connectionString: string): Promise<TestPostgres> {
  const databases: string[] = [];
  return {
    async createDatabase() {
      const name = createDatabaseName();
      await queryOnce(connectionString, `create database ${name}`);
      databases.push(name);
      return withDatabase(connectionString, name);
    },
    query: (sql, other = connectionString) => queryOnce(other, sql),
    control: null,
    async [Symbol.asyncDispose]() {
      for (const name of databases)
        await queryOnce(connectionString, `drop database if exists ${name} with (force)`);
    },
  };
}
