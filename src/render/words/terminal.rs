//! Lines under the table of the terminal.

use super::count;

pub fn more(sick: usize) -> String {
    format!("{} more are in the report.", count(sick, "sick package"))
}

pub fn noticed(findings: usize) -> String {
    let findings = count(findings, "finding");
    format!("Also noticed: {findings}; see the report.")
}

pub fn narrowed(how: &str) -> String {
    format!("Note: {how}.")
}

pub fn zone(zone: &str) -> String {
    format!("Time zone: {zone}")
}

pub fn report(page: &str) -> String {
    format!("Report: {page}")
}
