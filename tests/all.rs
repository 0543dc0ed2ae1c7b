//! All integration tests in one binary: each would otherwise link polars once more.

// The cases made by hand of the library's own tests, for the pages that are tested in a browser.
use pkgtrail::model;

mod architecture;
mod command_line;
#[allow(dead_code, reason = "the library's tests use the rest")]
#[path = "../src/render/fixture.rs"]
mod fixture;
mod forms;
mod fuzzed;
mod golden;
mod histories;
mod laws;
mod page;
mod pictures;
mod redaction;
mod schema;
mod support;
mod terminal;
mod threats;
