//! `no-own-subfolder`: a package lies in the alternate location itself, not in a folder of its own.
//!
//! The signs: its place is the root of a drive or a share, or the folder of another package lies
//! directly below it. That its clean-up takes what else lies there is assumed. Several packages
//! with the very same folder are one thing and told by `shared-folder`.

use super::alternate::{Alternate, alternates};
use super::shared_folder::{below, names};
use super::{Ground, Kind, named, sorted};
use crate::model::{Finding, path};

pub(super) const KIND: Kind = Kind {
    name: "no-own-subfolder",
    about: "a package has no folder of its own in the alternate location",
    find,
};

fn find(ground: &Ground<'_>) -> Vec<Finding> {
    let all = alternates(ground);
    let mut found = Vec::new();
    for (place, one) in all.iter().enumerate() {
        let beside = |other: &&Alternate<'_>| other.server == one.server;
        let twins = all.iter().filter(beside);
        let same = twins.filter(|other| other.folded == one.folded).count() > 1;
        let inside: Vec<&Alternate<'_>> = all
            .iter()
            .filter(beside)
            .filter(|other| {
                below(&other.folded, &one.folded).is_some_and(|tail| !tail.contains('\\'))
            })
            .collect();
        let first = all[..place]
            .iter()
            .all(|other| other.server != one.server || other.folded != one.folded);
        let what = if !inside.is_empty() && first {
            format!("the folder of {} lies below it", names(ground, &inside))
        } else if path::is_root(&one.folded) && !same {
            let what = if one.folded.starts_with(r"\\") {
                "share"
            } else {
                "drive"
            };
            format!("that is the root of a {what}")
        } else {
            continue;
        };
        found.push(Finding {
            kind: KIND.name,
            package: Some(one.package),
            involved: sorted(inside.iter().map(|other| other.package).collect()),
            server: one.server.clone(),
            at: Some(one.since),
            text: format!(
                "Package {} has no folder of its own: it lies in \u{201c}{}{}\u{201d}, and {what}.",
                named(ground, one.package),
                one.place,
                if one.place.ends_with(':') { "\\" } else { "" }
            ),
            advice: "Give it a sub-folder of its own in the alternate location; its clean-up or its next version may delete what else lies there.".to_owned(),
            sources: std::iter::once(one.source)
                .chain(inside.iter().map(|other| other.source))
                .collect(),
            assumed: true,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::testing::Scene;

    fn of(places: &[(u128, &str)]) -> Vec<String> {
        let mut scene = Scene::new();
        for (package, place) in places {
            scene = scene.located(*package, place);
        }
        let found = scene.find("no-own-subfolder");
        assert!(found.iter().all(|one| one.assumed));
        found.into_iter().map(|one| one.text).collect()
    }

    #[test]
    fn a_root_is_no_folder_of_its_own() {
        assert!(of(&[(1, r"E:\")])[0].contains("lies in “E:\\”, and that is the root of a drive"));
        assert!(of(&[(1, r"\\%COMPUTERNAME%\Share")])[0].contains("root of a share"));
        assert!(of(&[(1, r"E:\Pkg")]).is_empty());
        assert!(of(&[(1, r"\\PS\Share\Vpn")]).is_empty());
    }

    #[test]
    fn a_folder_that_holds_the_next_package_s_is_told_once_for_all_of_them() {
        let found = of(&[
            (1, r"D:\Share"),
            (2, r"D:\Share\Vpn"),
            (3, r"D:\Share\Office"),
        ]);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains(" and "));
        // Deeper down is `shared-folder`, the same folder too.
        assert!(of(&[(1, r"D:\Share"), (2, r"D:\Share\Apps\Vpn")]).is_empty());
        assert!(of(&[(1, r"E:\"), (2, "E:")]).is_empty());
    }
}
