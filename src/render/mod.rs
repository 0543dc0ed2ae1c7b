//! Turns a finished case into what people and programs read: page, picture, ticket text, JSON, table.
//!
//! Every output is a function from [`Case`] to bytes or text; none looks at a clock, a locale or a
//! hash order, so the same case gives the same bytes. Text from evidence goes through
//! [`text::clean_case`] first and is then escaped by the one escaper of its output.

pub mod argument;
pub mod charts;
pub mod drawing;
pub mod html;
pub mod json;
pub mod markdown;
pub mod missing;
pub mod picture;
pub mod png;
mod raster;
pub mod scene;
pub mod svg;
mod symbols;
pub mod terminal;
pub mod text;
pub mod timesketch;
pub mod trace;
pub mod words;
pub mod xlsx;
pub mod zoom;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod testing;

use crate::model::{Case, PackageCase, PackageId, State};
use std::collections::BTreeMap;

/// How a package fared, which decides its place in every output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Downloaded again, or files missing while Ready.
    Sick,
    /// Never downloaded again, but not Ready at the end either.
    Unfinished,
    /// Neither.
    Healthy,
}

/// How `package` fared.
pub fn health(package: &PackageCase) -> Health {
    if !package.redownloads.is_empty() || !package.missing_while_ready.is_empty() {
        Health::Sick
    } else if package.state != State::Ready {
        Health::Unfinished
    } else {
        Health::Healthy
    }
}

/// The packages in reading order: the sick ones first, those with most re-downloads in front;
/// otherwise in the order of the case.
pub fn reading_order(case: &Case) -> Vec<&PackageCase> {
    let mut packages: Vec<&PackageCase> = case.packages.iter().collect();
    packages.sort_by_key(|package| {
        (
            health(package),
            std::cmp::Reverse(package.redownloads.len()),
        )
    });
    packages
}

/// The names of the servers of the case, sorted, each once.
pub fn servers(case: &Case) -> Vec<&str> {
    let mut names: Vec<&str> = case
        .packages
        .iter()
        .filter_map(|package| package.server.as_deref())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The names of the packages that have one, by their ids.
fn package_names(case: &Case) -> BTreeMap<PackageId, &str> {
    // From behind, so that of several names of one package the first stays.
    let packages = case.packages.iter().rev();
    let pairs = packages.filter_map(|one| Some((one.id, one.name.as_deref()?.trim())));
    pairs.filter(|(_, name)| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_has_every_output_and_the_same_twice() {
        let cases = [
            Case::default(),
            fixture::case(),
            fixture::evil_case(),
            fixture::odd_case(),
            fixture::dense_case(),
        ];
        for case in cases {
            let all = || {
                (
                    png::draw(&scene::lay_out(&case), 1).unwrap(),
                    scene::lay_out(&case).to_string(),
                    svg::draw(&scene::lay_out(&case)).unwrap(),
                    charts::all(&case),
                    html::page(&case),
                    markdown::summary(&case),
                    json::verdicts(&case),
                    terminal::table(&case, None, 80),
                    forms(&case),
                )
            };
            assert!(all() == all());
        }
    }

    /// The other forms, of a case without a timeline.
    fn forms(case: &Case) -> [Vec<u8>; 3] {
        let (mut workbook, mut lines, mut trace) = (vec![], vec![], vec![]);
        xlsx::write(case, &[], &mut workbook).unwrap();
        timesketch::write(case, &[], &mut lines).unwrap();
        trace::write(case, &mut trace).unwrap();
        [workbook, lines, trace]
    }
}

#[cfg(test)]
mod look {
    //! Writes the outputs of the fixtures to a folder, to be looked at.

    use super::*;

    #[test]
    #[ignore = "writes files for people: PKGTRAIL_LOOK=/tmp/look cargo test --lib -- --ignored look"]
    fn look() {
        let Some(folder) = std::env::var_os("PKGTRAIL_LOOK") else {
            return;
        };
        let folder = std::path::Path::new(&folder);
        std::fs::create_dir_all(folder).unwrap();
        let cases = [
            ("case", fixture::case()),
            ("large", fixture::large_case(60)),
            ("evil", fixture::evil_case()),
            ("empty", Case::default()),
            ("dense", fixture::dense_case()),
            ("odd", fixture::odd_case()),
        ];
        for (name, case) in cases {
            let write = |end: &str, bytes: &[u8]| {
                std::fs::write(folder.join(format!("{name}-{end}")), bytes).unwrap();
            };
            let picture = png::draw(&scene::lay_out(&case), 1).unwrap();
            write("timeline.png", &picture);
            for one in zoom::all(&scene::lay_out(&case)).iter().take(4) {
                let end = format!("{}.png", one.name);
                write(&end, &png::draw(&one.scene, 2).unwrap());
            }
            for chart in charts::all(&case) {
                write(
                    &format!("{}.png", chart.name),
                    &charts::png(&chart, 1).unwrap(),
                );
            }
            let svg = svg::draw(&scene::lay_out(&case)).unwrap();
            write("timeline.svg", svg.as_bytes());
            write("report.html", html::page(&case).as_bytes());
            write("verdicts.json", json::verdicts(&case).as_bytes());
            write("summary.md", markdown::summary(&case).as_bytes());
            write(
                "table.txt",
                terminal::table(&case, Some("bundle-report"), 80).as_bytes(),
            );
        }
    }
}
