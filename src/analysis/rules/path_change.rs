//! The package's path at its source, its codebase, or its place on the server is another.
//!
//! # When it applies
//! A record says so, or captures or location records on both sides of the download state
//! different paths. Paths are compared as Windows compares them; the server's own name and
//! `%COMPUTERNAME%` are the same.
//!
//! # When it does not
//! The same path is stated on both sides.
//!
//! # What to do
//! If the change was meant, nothing: on a change of location the product moves the files, deletes
//! the old place and checks what to download. If not, look who changed the package's source or the
//! alternate download location in the console.

use super::{Answer, Rule, change_answer};
use crate::analysis::redownload::CaseFile;
use crate::model::Verdict;

pub const RULE: Rule = Rule {
    verdict: Verdict::PathChange,
    about: "the package's path or its place on the server changed",
    source: include_str!("path_change.rs"),
    judge,
};

fn judge(case: &CaseFile<'_>) -> Answer {
    change_answer(&case.path, "the path")
}

#[cfg(test)]
mod tests {
    use super::super::testing::History;
    use crate::model::{Fact, Grade, Verdict};

    fn moved(to: &str) -> Fact {
        Fact::LocationChanged {
            from: Some(r"D:\Share\Vpn".into()),
            to: to.into(),
        }
    }

    #[test]
    fn another_place_is_a_path_change_and_beats_the_version() {
        let history = History::ready(7).at(99, moved(r"E:\Share\Vpn")).again(8);
        let ruling = history.ruling();
        assert_eq!(
            (ruling.verdict, ruling.grade),
            (Verdict::PathChange, Grade::Proven)
        );
    }

    #[test]
    fn another_spelling_of_the_same_place_is_none() {
        let history = History::ready(7).at(99, moved(r"d:\share\VPN\")).again(7);
        assert_ne!(history.ruling().verdict, Verdict::PathChange);
    }

    #[test]
    fn a_place_that_is_stated_long_after_the_download_belongs_to_the_next_one() {
        let place = |path: &str| Fact::Location { path: path.into() };
        let history = |second: i64| {
            History::ready(7)
                .at(20, place(r"D:\Share\Vpn"))
                .again(7)
                .at(second, place(r"E:\Share\Vpn"))
        };
        assert_eq!(history(105).ruling().verdict, Verdict::PathChange);
        assert_ne!(history(9_000).ruling().verdict, Verdict::PathChange);
        // Stated just before the next download leaves Ready, it is that one's.
        let next = history(8_999)
            .pending(9_000)
            .start(9_001)
            .received(9_001, 7);
        assert_eq!(next.finish(9_010).ruling().verdict, Verdict::PathChange);
    }
}
