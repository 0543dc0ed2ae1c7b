//! `pkgtrail explain`: the manuals of the verdicts.

use super::End;
use super::arguments::Explain;
use crate::analysis::rules::RULES;
use anyhow::{Result, bail};
use std::io::Write;

pub fn run(options: &Explain) -> Result<End> {
    let mut out = std::io::stdout().lock();
    let Some(name) = &options.verdict else {
        for rule in RULES {
            writeln!(out, "{:<22}{}", rule.verdict.name(), rule.about)?;
        }
        return Ok(End::Whole);
    };
    let Some(rule) = RULES
        .iter()
        .find(|rule| rule.verdict.name() == name.to_ascii_lowercase())
    else {
        let names: Vec<&str> = RULES.iter().map(|rule| rule.verdict.name()).collect();
        bail!("`{name}` is no verdict; use one of {}", names.join(", "));
    };
    write!(out, "{}\n\n{}", rule.verdict.name(), rule.manual())?;
    Ok(End::Whole)
}
