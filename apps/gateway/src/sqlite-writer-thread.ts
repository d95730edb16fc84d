// The program of the store's writer thread, for the bundle: it has to lie beside the store that starts it.
// oxlint-disable-next-line import/no-unassigned-import -- it is a program, and exports nothing
import '@invoke/storage/sqlite-writer-thread';
