//! `shared-folder`: several packages have one folder in an alternate location.
//!
//! What the clean-up of one deletes belongs to the others too (413372, 180394). That a clean-up
//! takes the folders below with it is assumed, so a folder inside another package's is told as such.
//! One directly below is the business of `no-own-subfolder`.

use super::alternate::{Alternate, alternates};
use super::{Ground, Kind, listed, named, sorted};
use crate::model::{Finding, path};
use std::collections::BTreeMap;

pub(super) const KIND: Kind = Kind {
    name: "shared-folder",
    about: "several packages have one folder in an alternate location",
    find,
};

/// Packages that a sentence names.
const MOST: usize = 6;

fn find(ground: &Ground<'_>) -> Vec<Finding> {
    let all = alternates(ground);
    let mut groups: BTreeMap<_, Vec<&Alternate<'_>>> = BTreeMap::new();
    for one in &all {
        groups
            .entry((one.server, &one.folded))
            .or_default()
            .push(one);
    }
    let mut found = Vec::new();
    for ((server, folder), members) in &groups {
        if members.len() > 1 {
            let text = format!(
                "{} packages have the one folder \u{201c}{}\u{201d}, without a sub-folder of their own: {}.",
                members.len(),
                members[0].place,
                names(ground, members)
            );
            found.push(finding(members, text, false));
        }
        let deep: Vec<&Alternate<'_>> = all
            .iter()
            .filter(|one| one.server == *server && path::within(&one.folded, folder))
            .filter(|one| below(&one.folded, folder).is_some_and(|tail| tail.contains('\\')))
            .collect();
        if !deep.is_empty() {
            let text = format!(
                "the folder \u{201c}{}\u{201d} of {} holds that of {}.",
                members[0].place,
                names(ground, members),
                names(ground, &deep)
            );
            let both: Vec<&Alternate<'_>> = members.iter().copied().chain(deep).collect();
            found.push(finding(&both, capital(&text), true));
        }
    }
    found
}

/// What of a folded path stands below a folder: `b\c` of `d:\a\b\c` below `d:\a`.
pub(super) fn below<'a>(folded: &'a str, folder: &str) -> Option<&'a str> {
    folded.strip_prefix(folder)?.strip_prefix('\\')
}

pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.map_or(String::new(), |first| {
        first.collect::<String>() + letters.as_str()
    })
}

pub(super) fn names(ground: &Ground<'_>, members: &[&Alternate<'_>]) -> String {
    let names: Vec<String> = members
        .iter()
        .map(|one| named(ground, one.package))
        .collect();
    listed(&names, MOST)
}

fn finding(members: &[&Alternate<'_>], text: String, nested: bool) -> Finding {
    let mut since: Vec<_> = members.iter().map(|one| one.since).collect();
    since.sort_unstable();
    Finding {
        kind: KIND.name,
        package: None,
        involved: sorted(members.iter().map(|one| one.package).collect()),
        server: members[0].server.clone(),
        // Shared since the second came.
        at: since.get(1).copied(),
        text,
        advice: "Give each package a sub-folder of its own in the alternate location; the clean-up of one can take the files of the others with it.".to_owned(),
        sources: members.iter().map(|one| one.source).collect(),
        assumed: nested || members.iter().any(|one| one.assumed),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Scene;

    fn of(places: &[(u128, &str)]) -> Vec<(String, bool)> {
        let mut scene = Scene::new();
        for (package, place) in places {
            scene = scene.located(*package, place);
        }
        let found = scene.find("shared-folder");
        found
            .into_iter()
            .map(|one| (one.text, one.assumed))
            .collect()
    }

    #[test]
    fn one_folder_of_two_packages_is_told_once() {
        let found = of(&[
            (1, r"D:\Share\Temp"),
            (2, r"d:\share\temp\"),
            (3, r"D:\Share\Vpn"),
        ]);
        assert_eq!(found.len(), 1);
        assert!(found[0].0.starts_with("2 packages have the one folder"));
        assert!(!found[0].1);
    }

    #[test]
    fn a_folder_deep_inside_another_s_is_shared_and_one_beside_it_is_not() {
        let found = of(&[(1, r"D:\Share"), (2, r"D:\Share\Apps\Vpn")]);
        assert_eq!(found.len(), 1);
        assert!(found[0].1);
        assert!(of(&[(1, r"D:\Share"), (2, r"D:\Share2\Apps\Vpn")]).is_empty());
        // Directly below: `no-own-subfolder` tells it.
        assert!(of(&[(1, r"D:\Share"), (2, r"D:\Share\Vpn")]).is_empty());
    }

    #[test]
    fn the_agent_s_own_folders_and_other_servers_are_left_alone() {
        let own = r"D:\Agent\Package Delivery\{1EC214B8-E862-44A9-B3A6-27D918D136A2}\cache";
        assert!(of(&[(1, own), (2, own)]).is_empty());
        let scene = Scene::new().located(1, r"D:\Share\Temp");
        let elsewhere = scene.on("PS2").located(2, r"D:\Share\Temp");
        assert!(elsewhere.find("shared-folder").is_empty());
    }
}
