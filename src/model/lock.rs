//! Locks around what is whole at any time, so that a thread that panicked spoils nothing for the others.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The lock, also where a thread panicked that held it.
pub fn locked<T: ?Sized>(one: &Mutex<T>) -> MutexGuard<'_, T> {
    one.lock().unwrap_or_else(PoisonError::into_inner)
}
