//! `pkgtrail explain`: the manuals of the verdicts, and what each kind of finding is.

use super::arguments::Explain;
use super::{End, similar};
use crate::analysis::findings::FINDINGS;
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
    let wanted = name.to_ascii_lowercase();
    if let Some(rule) = RULES.iter().find(|rule| rule.verdict.name() == wanted) {
        write!(out, "{}\n\n{}", rule.verdict.name(), rule.manual())?;
    } else if let Some(kind) = FINDINGS.iter().find(|kind| kind.name == wanted) {
        writeln!(out, "{}\n\n{}", kind.name, kind.about)?;
    } else {
        bail!(unknown(name));
    }
    Ok(End::Whole)
}

fn unknown(name: &str) -> String {
    let verdicts: Vec<&str> = RULES.iter().map(|rule| rule.verdict.name()).collect();
    let kinds: Vec<&str> = FINDINGS.iter().map(|kind| kind.name).collect();
    let near = similar::nearest(name, verdicts.iter().chain(&kinds).copied());
    let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
    format!(
        "`{name}` is no verdict and no finding; {near}use one of {}; or of the findings {}",
        verdicts.join(", "),
        kinds.join(", ")
    )
}
