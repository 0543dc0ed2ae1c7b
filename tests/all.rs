//! All integration tests in one binary: each would otherwise link polars once more.
