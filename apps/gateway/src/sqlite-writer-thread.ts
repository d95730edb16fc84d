// The program of the store's writer thread, for the bundle: it has to lie beside the store that starts it.
import '@invoke/storage/sqlite-writer-thread';
