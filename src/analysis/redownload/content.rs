//! Whether the files are the same before and after: their names, sizes and hashes.

use super::Same;
use super::sides::{Reach, Sides, firm};
use crate::analysis::difference;
use crate::model::{Event, Grade};

/// Compares the file lists of the snapshots on both sides.
pub(super) fn hashes_same(
    sides: &Sides<'_>,
    unchanged: Option<&Event>,
    changed: Option<&Event>,
    version: &Same,
    reach: &Reach<'_>,
) -> Same {
    if let Some(pair) = sides.pair() {
        let difference = difference::compare(&pair.0.document, &pair.1.document);
        let sources = vec![pair.0.source, pair.1.source];
        if difference.content_differs() {
            return Same::Differs {
                text: format!(
                    "the snapshots captured before and after differ: {}",
                    difference.in_words(3)
                ),
                sources,
                known: pair.1.at,
                last_old: Some(pair.0.at),
                grade: reach.grade(pair.0.at, pair.1.at, firm(pair)),
            };
        }
        let text = match pair.1.document.files.len() {
            1 => "the one file has the same name, size and hash before and after".to_owned(),
            many => {
                format!("{many} files have the same names, sizes and hashes before and after")
            }
        };
        if difference.compared_hashes && firm(pair) && !pair.1.document.files.is_empty() {
            return Same::Observed(text, sources);
        }
        if unchanged.is_none() {
            return Same::Follows(
                "names and sizes are the same before and after; the captures state no hashes"
                    .into(),
                sources,
            );
        }
    }
    if let Some(event) = unchanged {
        return Same::Observed(
            "the log says that the snapshot, which holds the hashes, is unchanged".into(),
            event.sources.to_vec(),
        );
    }
    if let Some((old, new)) = sides.wide()
        && !difference::compare(&old.document, &new.document).content_differs()
    {
        return Same::Follows(
            "the captures farther before and after hold the same files".into(),
            vec![old.source, new.source],
        );
    }
    // The log says "changed" of a snapshot whose version is the same.
    if let (Some(event), Same::Observed(_, sources)) = (changed, version) {
        return Same::Differs {
            text: "the log says that the snapshot changed, and its version is the same".into(),
            sources: event.sources.iter().chain(sources).copied().collect(),
            known: event.at,
            last_old: None,
            grade: reach.grade(event.at, event.at, true).min(Grade::Strong),
        };
    }
    match version {
        Same::Observed(_, sources) => Same::Follows(
            "the version is the same, and the server normally raises it with every change".into(),
            sources.clone(),
        ),
        _ => Same::Unknown,
    }
}
