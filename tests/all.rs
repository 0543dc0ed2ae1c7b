//! All integration tests in one binary: each would otherwise link polars once more.

mod architecture;
mod command_line;
mod forms;
mod golden;
mod histories;
mod laws;
mod pictures;
mod schema;
mod support;
mod terminal;
