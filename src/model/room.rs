//! Memory for a thread that will ask for much of it in small pieces.

use std::hint::black_box;

/// Makes room for so many bytes in the memory that the allocator keeps for this thread.
///
/// The one of glibc gives it to all threads but the first in steps of a few pages, each of which is a
/// call of the system that every other thread with a new page waits for. A piece that is taken and
/// given back makes it a single step. Elsewhere this does nothing, and costs nothing.
pub fn make_room(bytes: usize) {
    // The first comes from the system; to get it back teaches the allocator to keep such pieces, and
    // the second is one.
    for _ in 0..2 {
        drop(black_box(Vec::<u8>::with_capacity(bytes)));
    }
}
