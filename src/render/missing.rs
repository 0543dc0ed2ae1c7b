//! What is missing, once for the whole report: equal advice of several re-downloads is one row.
//!
//! A reader who meets the same commands under each of ten re-downloads looks for the difference;
//! here each row names the re-downloads that it would serve, and they point to the row.

use super::text::shorten;
use super::words;
use crate::model::{Case, MissingEvidence, PackageCase, Redownload};

/// Packages that a row names, and re-downloads of each, before the rest is counted.
const PACKAGES: usize = 4;
const TIMES: usize = 4;

/// One row: what is asked for, and for which re-downloads.
pub struct Asked<'a> {
    pub missing: &'a MissingEvidence,
    /// In reading order, packages together.
    pub serves: Vec<(&'a PackageCase, Vec<&'a Redownload>)>,
}

/// The rows, in the order in which their re-downloads are read.
pub fn asked<'a>(order: &[&'a PackageCase]) -> Vec<Asked<'a>> {
    let mut rows: Vec<Asked<'a>> = Vec::new();
    for package in order {
        for one in &package.redownloads {
            for missing in &one.missing_evidence {
                let row = match rows.iter_mut().position(|row| row.missing == missing) {
                    Some(place) => &mut rows[place],
                    None => {
                        rows.push(Asked {
                            missing,
                            serves: Vec::new(),
                        });
                        let last = rows.len() - 1;
                        &mut rows[last]
                    }
                };
                match row.serves.last_mut() {
                    Some((of, times)) if std::ptr::eq(*of, *package) => {
                        // An advice that stands twice serves once.
                        if !times.iter().any(|time| std::ptr::eq(*time, one)) {
                            times.push(one);
                        }
                    }
                    _ => row.serves.push((package, vec![one])),
                }
            }
        }
    }
    rows
}

/// `Contoso VPN 4.1 (2026-11-02 03:00, 2026-11-03 03:00)`: what a row would serve.
pub fn serves(case: &Case, row: &Asked<'_>) -> String {
    let named: Vec<String> = row
        .serves
        .iter()
        .take(PACKAGES)
        .map(|(package, again)| {
            let times: Vec<String> = again
                .iter()
                .take(TIMES)
                .map(|one| words::minute(&one.started_at))
                .collect();
            let rest = match again.len().saturating_sub(TIMES) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let title = shorten(&words::full_title(case, package), 80);
            format!("{title} ({}{rest})", times.join(", "))
        })
        .collect();
    let rest = match row.serves.len().saturating_sub(PACKAGES) {
        0 => String::new(),
        more => format!("; and {}", words::count(more, "package")),
    };
    format!("{}{rest}", named.join("; "))
}

#[cfg(test)]
mod tests {
    use super::super::{fixture, reading_order};
    use super::*;

    #[test]
    fn equal_advice_is_one_row_that_names_what_it_serves() {
        let mut case = fixture::case();
        let order = reading_order(&case);
        let rows = asked(&order);
        let told: Vec<(String, String)> = rows
            .iter()
            .map(|row| (row.missing.what.clone(), serves(&case, row)))
            .collect();
        assert_eq!(told.len(), 3);
        assert_eq!(
            told[0],
            (
                "who removed the files".to_owned(),
                "Contoso VPN 4.1 (2026-11-02 03:00, 2026-11-03 03:00, 2026-11-04 03:00)".to_owned()
            )
        );
        // A difference of one word is another row.
        case.packages[0].redownloads[1].missing_evidence[0].when += "!";
        assert_eq!(asked(&reading_order(&case)).len(), 4);
    }

    #[test]
    fn long_lists_are_counted() {
        let mut case = fixture::case();
        let one = case.packages[0].redownloads[0].clone();
        case.packages[0].redownloads = vec![one.clone(); 9];
        for number in 1..6 {
            let mut package = case.packages[0].clone();
            package.name = Some(format!("Package {number}"));
            package.redownloads = vec![one.clone()];
            case.packages.push(package);
        }
        let order: Vec<&PackageCase> = case.packages.iter().collect();
        let rows = asked(&order);
        let text = serves(&case, &rows[0]);
        assert!(text.contains("03:00 and 5 more); "), "{text}");
        assert!(
            text.ends_with("Package 3 (2026-11-02 03:00); and 2 packages"),
            "{text}"
        );
    }
}
