//! Client policies: which version of a package the server is to have, and how long it is kept unused.
//!
//! `<SoftPkg Name=".." Id="{GUID}" InternalVersion="1127796544" CleanupAfter="10080">` in a client
//! policy, `cleanupAfter` and `expiredAt` in `AeXSWDPolicy.xml`. Policies also hold accounts and
//! passwords: only the values named here are ever taken out, and no line is quoted.

use super::xml::{self, Element, Field};
use crate::ingest::Defect;
use crate::model::PackageId;

const ID: [&str; 5] = ["id", "guid", "packageid", "packageguid", "pkgid"];
const VERSION: [&str; 3] = ["internalversion", "packageversion", "requiredversion"];
const NAME: [&str; 4] = ["displayname", "name", "packagename", "title"];
const CLEANUP: [&str; 4] = [
    "cleanupafter",
    "cleanupafterminutes",
    "deleteafter",
    "expireafter",
];
/// How a policy might say that a package is never deleted [A]: "Never Delete" is an option of the
/// console, and no article shows how it arrives at the server.
const NEVER: [&str; 4] = ["neverdelete", "neverdeleted", "donotdelete", "neverexpire"];
/// Clean-up times that stand for never [A]: -1, and the same without a sign.
const NEVER_MINUTES: [&str; 2] = ["-1", "4294967295"];
const EXPIRED: [&str; 2] = ["expiredat", "expiresat"];
/// Versions are Unix seconds; `1.0` or `3` beside them is another number.
const LEAST_VERSION: i64 = 100_000_000;
/// Longer names are none.
const LONGEST_NAME: usize = 200;
/// A clean-up time of more than ten years is none; the product writes big numbers for never.
const MOST_MINUTES: u32 = 10 * 366 * 24 * 60;

/// What a policy says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// In the order of the file.
    pub packages: Vec<PolicyPackage>,
    /// Clean-up times in minutes that stand at no package, with their lines.
    pub cleanup: Vec<(u32, u32)>,
}

/// One package in a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyPackage {
    pub package: PackageId,
    pub name: Option<String>,
    pub version: Option<i64>,
    /// Minutes that it is kept unused; 0 is not at all.
    pub cleanup: Option<u32>,
    /// Whether it seems to say that the package is never deleted.
    pub never_deleted: bool,
    /// When it expired, as written.
    pub expired: Option<String>,
    pub line: u32,
}

/// Whether a document is a policy, by its content.
pub fn recognise(prefix: &str) -> bool {
    if !prefix
        .trim_start_matches('\u{FEFF}')
        .trim_start()
        .starts_with('<')
    {
        return false;
    }
    let (policy, document) = read(prefix);
    let root = document.root.as_ref().or(document.open.first());
    let named = root.is_some_and(|root| {
        ["polic", "softpkg", "aexswd"]
            .iter()
            .any(|stem| root.name.contains(stem))
    });
    let shows = !policy.packages.is_empty() || !policy.cleanup.is_empty();
    // A snapshot has files; a package in it may have a version, too.
    shows && (named || policy.packages.iter().any(|one| one.cleanup.is_some()))
}

/// Reads a policy. `None` if it names no package and no clean-up time.
pub fn parse(text: &str) -> (Option<Policy>, Vec<Defect>) {
    let (policy, document) = read(text);
    let empty = policy.packages.is_empty() && policy.cleanup.is_empty();
    let mut defects = document.defects;
    for defect in &mut defects {
        defect.cost = "packages behind this place are not read".to_owned();
    }
    if empty && defects.is_empty() {
        defects.push(Defect {
            line: None,
            what: "a policy that names no package and no clean-up time".to_owned(),
            cost: "it is not used".to_owned(),
            lost: false,
        });
    }
    ((!empty).then_some(policy), defects)
}

fn read(text: &str) -> (Policy, xml::Document<'_>) {
    let mut policy = Policy::default();
    let mut document = xml::read(text, &mut |element, above| {
        let value = element.text.trim();
        // `<InternalVersion>1127796544</InternalVersion>` says the same as the attribute.
        if !element.has_children
            && element.fields.is_empty()
            && let Some(parent) = above.last_mut()
        {
            if !value.is_empty() {
                parent.push(Field {
                    name: element.name.clone(),
                    value: value.to_owned().into(),
                    line: element.line,
                    at: element.at,
                    depth: 1,
                });
            }
            return;
        }
        policy.take(&element);
    });
    if let Some(root) = document.root.take() {
        policy.take(&root);
        document.root = Some(root);
    }
    // Of a document that is cut, the elements still open have said who they are.
    if !document.complete {
        for element in &document.open {
            policy.take(element);
        }
    }
    policy.packages.sort_by_key(|one| one.line);
    (policy, document)
}

impl Policy {
    fn take(&mut self, element: &Element<'_>) {
        let cleanup = element
            .find(&CLEANUP, |_| true)
            .and_then(|field| Some((field.value.trim().parse::<u32>().ok()?, field.line)))
            .filter(|(minutes, _)| *minutes <= MOST_MINUTES);
        let version = element
            .find(&VERSION, |value| !value.is_empty())
            .and_then(|field| field.value.trim().parse::<i64>().ok())
            .filter(|version| *version >= LEAST_VERSION);
        let expired = element.find(&EXPIRED, |value| !value.is_empty());
        let never = says_never(element)
            || element
                .find(&CLEANUP, |value| NEVER_MINUTES.contains(&value))
                .is_some();
        let about_package = ["pkg", "package"]
            .iter()
            .any(|stem| element.name.contains(stem));
        let package = element
            .find(&ID, |value| PackageId::parse(value).is_some())
            .and_then(|field| PackageId::parse(field.value.trim()))
            .filter(|_| {
                about_package
                    && (version.is_some() || cleanup.is_some() || never || expired.is_some())
            });
        match (package, cleanup) {
            (Some(package), cleanup) => self.packages.push(PolicyPackage {
                package,
                name: element
                    .find(&NAME, |name| !name.is_empty() && name.len() <= LONGEST_NAME)
                    .map(|field| field.value.trim().to_owned()),
                version,
                cleanup: cleanup.map(|(minutes, _)| minutes),
                never_deleted: never,
                expired: expired
                    .map(|field| field.value.trim())
                    .filter(|time| crate::ingest::stamps::parse(time, None).is_some())
                    .map(str::to_owned),
                line: element.line,
            }),
            (None, Some(cleanup)) => self.cleanup.push(cleanup),
            (None, None) => {}
        }
    }
}

/// Whether an element of a policy or a status file says that its package is never deleted [A].
///
/// Only a plain yes counts: `neverDelete="false"` and words that are not known say nothing.
pub(super) fn says_never(element: &Element<'_>) -> bool {
    let yes = |value: &str| ["true", "1", "yes"].contains(&value.to_ascii_lowercase().as_str());
    element.find(&NEVER, yes).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "{1EC214B8-E862-44A9-B3A6-27D918D136A2}";

    #[test]
    fn attributes_and_elements_say_the_same() {
        for text in [
            format!(
                "<Policies><Policy guid=\"{{A36705A8-8A26-4B4A-9F4B-5B1F6C7B9B11}}\" name=\"All\">\n<SoftPkg Name=\"Contoso VPN\" displayName=\"\" Id=\"{GUID}\" Version=\"1.0\" InternalVersion=\"1127796544\" CleanupAfter=\"10080\"/></Policy></Policies>"
            ),
            format!(
                "<ClientPolicy>\n<x:Package xmlns:x='u'><x:Guid>{GUID}</x:Guid><x:Name>Contoso VPN</x:Name><x:InternalVersion>1127796544</x:InternalVersion><x:cleanupAfter>10080</x:cleanupAfter></x:Package></ClientPolicy>"
            ),
        ] {
            assert!(recognise(&text), "{text}");
            let (policy, defects) = parse(&text);
            assert_eq!(defects, []);
            assert_eq!(
                policy.unwrap().packages,
                [PolicyPackage {
                    package: PackageId::parse(GUID).unwrap(),
                    name: Some("Contoso VPN".into()),
                    version: Some(1_127_796_544),
                    cleanup: Some(10_080),
                    never_deleted: false,
                    expired: None,
                    line: 2,
                }],
                "{text}"
            );
        }
    }

    #[test]
    fn the_policy_of_the_agent_has_clean_up_times() {
        let text = format!(
            "<AeXSWDPolicy cleanupAfter=\"10080\">\n<Package id='{GUID}' expiredAt=\"2008-12-19 09:17:51\"/></AeXSWDPolicy>"
        );
        assert!(recognise(&text));
        let policy = parse(&text).0.unwrap();
        assert_eq!(policy.cleanup, [(10_080, 1)]);
        assert_eq!(
            policy.packages[0].expired.as_deref(),
            Some("2008-12-19 09:17:51")
        );
        assert!(parse("<Policies/>").0.is_none());
    }

    #[test]
    fn numbers_that_are_no_versions_or_times_are_left_out() {
        let text = format!(
            "<Policies><SoftPkg Id='{GUID}' InternalVersion='3' CleanupAfter='4294967295'/><SoftPkg Id='{GUID}' InternalVersion='1127796544' CleanupAfter='-1'/></Policies>"
        );
        let policy = parse(&text).0.unwrap();
        assert_eq!(policy.packages.len(), 2);
        assert!(policy.packages.iter().all(|one| one.cleanup.is_none()));
        let versions = policy.packages.iter().map(|one| one.version);
        assert_eq!(versions.collect::<Vec<_>>(), [None, Some(1_127_796_544)]);
    }

    #[test]
    fn never_is_said_by_a_yes_or_by_the_biggest_number() {
        for (said, never) in [
            ("CleanupAfter='-1'", true),
            ("CleanupAfter='4294967295'", true),
            ("CleanupAfter='4294967294'", false),
            ("CleanupAfter='10080' neverDelete='true'", true),
            ("NeverDelete='Yes'", true),
            ("neverDelete='false'", false),
            ("neverDelete='perhaps'", false),
            ("CleanupAfter='0'", false),
        ] {
            let text = format!(
                "<Policies><SoftPkg Id='{GUID}' InternalVersion='1127796544' {said}/></Policies>"
            );
            let policy = parse(&text).0.unwrap();
            assert_eq!(policy.packages[0].never_deleted, never, "{said}");
        }
    }

    #[test]
    fn other_documents_are_left_alone() {
        for text in [
            format!("<PackageStatus Status='Ready' Id='{GUID}'/>"),
            format!(
                "<snapshot id='{GUID}' version='1730383382'><file name='a' size='1'/></snapshot>"
            ),
            format!(
                "<Package id='{GUID}' internalversion='1730383382'><file name='a' size='1'/></Package>"
            ),
            "<event date='Sep 26 15:37:19' severity='4'/>".into(),
            "plain".into(),
            "<".into(),
        ] {
            assert!(!recognise(&text), "{text}");
        }
    }

    #[test]
    fn every_cut_keeps_what_stands_before_it() {
        let text = format!(
            "<Policies>\n<SoftPkg Id='{GUID}' InternalVersion='1127796544'/>\n<SoftPkg Id='{GUID}' InternalVersion='1127796545'/>\n</Policies>\n"
        );
        for cut in 0..text.len() {
            let (policy, defects) = parse(&text[..cut]);
            let whole = cut >= text.trim_end().len();
            assert_eq!(defects.iter().any(|defect| defect.lost), !whole, "{cut}");
            let packages = policy.map_or(0, |policy| policy.packages.len());
            assert!(packages <= 2 && (!whole || packages == 2));
        }
    }
}
