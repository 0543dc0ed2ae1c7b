//! What is known of shared values, by where they lie.

use indexmap::IndexMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

/// A map by the place of shared values: events of one record share what it says, and need not be
/// compared letter by letter. Its order is that in which the values came.
#[derive(Debug)]
pub struct ByPlace<V>(IndexMap<usize, V, BuildHasherDefault<Mixed>>);

impl<V> Default for ByPlace<V> {
    fn default() -> ByPlace<V> {
        ByPlace(IndexMap::default())
    }
}

impl<V> ByPlace<V> {
    /// What is known of a value, or `new` if nothing is. What is put in must keep the value alive, or
    /// another may come to lie at its place.
    pub fn of<T: ?Sized>(&mut self, one: &Arc<T>, new: impl FnOnce() -> V) -> &mut V {
        let place = Arc::as_ptr(one).cast::<u8>().addr();
        self.0.entry(place).or_insert_with(new)
    }

    /// All that is known.
    pub fn into_values(self) -> impl Iterator<Item = V> {
        self.0.into_values()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// Places are multiples of 8 that lie together; nobody chooses them to collide.
#[derive(Debug, Default)]
pub struct Mixed(u64);

impl Hasher for Mixed {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(usize::from(*byte));
        }
    }

    fn write_usize(&mut self, place: usize) {
        self.0 = (self.0 ^ place as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}
