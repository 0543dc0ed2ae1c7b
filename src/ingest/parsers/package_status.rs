//! `PackageStatus.xml`: the state of one package: `<PackageStatus Status="Deleted" Time=".."/>`.
//!
//! Only the attribute `Status` is confirmed. State, time and GUID are read by families, wherever in
//! the document they stand; the first word that is a state of the product decides.

use super::xml::{self, Element, Field};
use crate::ingest::Defect;
use crate::ingest::stamps::{self, DateOrder};
use crate::model::{PackageId, State, Status};
use std::collections::BTreeSet;

const STATE: [&str; 7] = [
    "status",
    "state",
    "packagestatus",
    "packagestate",
    "currentstatus",
    "currentstate",
    "statusname",
];
const TIME: [&str; 14] = [
    "time",
    "deletedtime",
    "statustime",
    "lastupdate",
    "lastupdated",
    "lastchange",
    "lastchanged",
    "updated",
    "changed",
    "modified",
    "timestamp",
    "datetime",
    "date",
    "lastmodified",
];
const ID: [&str; 6] = ["packageid", "packageguid", "guid", "id", "package", "name"];
/// Elements that only other documents have.
const FOREIGN: [&str; 10] = [
    "event",
    "softpkg",
    "policy",
    "policies",
    "clientpolicy",
    "html",
    "task",
    "file",
    "entry",
    "item",
];

/// Whether a document is a package status, by its content.
pub fn recognise(prefix: &str) -> bool {
    if !prefix
        .trim_start_matches('\u{FEFF}')
        .trim_start()
        .starts_with('<')
    {
        return false;
    }
    let found = collect(prefix);
    let Some(root) = &found.root else {
        return false;
    };
    if found.foreign {
        return false;
    }
    let named = root.name.contains("packagestat");
    let related = ["package", "status", "state"]
        .iter()
        .any(|stem| root.name.contains(stem));
    let states = state(root).is_some_and(|field| State::parse(&field.value).is_some());
    named || related && states && (!packages(root).is_empty() || time(root).is_some())
}

/// Reads a package status. `None` if it shows no state, or those of several packages.
pub fn parse(text: &str, option: Option<DateOrder>) -> (Option<Status>, Vec<Defect>) {
    let found = collect(text);
    let mut defects = found.defects;
    let Some(root) = found.root else {
        return (None, defects);
    };
    let packages = packages(&root);
    let field = state(&root);
    let what = match (&field, packages.len()) {
        (_, 2..) => format!(
            "a status of {} packages; one file holds one",
            packages.len()
        ),
        (None, _) => format!(
            "a package status of unknown layout: `{}` shows no state",
            root.name
        ),
        (Some(field), _) => {
            let time = time(&root);
            let settled = stamps::settle(time.iter().map(|time| time.value.as_ref()), option);
            defects.extend(settled.is_guess.then(super::guessed_order));
            let status = Status {
                package: packages.first().copied(),
                state: State::parse(&field.value),
                word: field.value.trim().to_owned(),
                time: time.and_then(|time| stamps::parse(&time.value, settled.order)),
                never_deleted: super::policy::says_never(&root),
                complete: found.complete,
                line: field.line,
                text: xml::quote(text, field.at),
            };
            if status.state.is_none() {
                defects.push(Defect {
                    line: Some(field.line),
                    what: format!("the state `{}` is not known", status.word),
                    cost: "the capture proves no state".to_owned(),
                    lost: false,
                });
            }
            return (Some(status), defects);
        }
    };
    // A cut file has said so already.
    if found.complete {
        defects.push(Defect {
            line: Some(root.line),
            what,
            cost: "the capture is not used".to_owned(),
            lost: true,
        });
    }
    (None, defects)
}

struct Collected<'t> {
    root: Option<Element<'t>>,
    foreign: bool,
    complete: bool,
    defects: Vec<Defect>,
}

fn collect(text: &str) -> Collected<'_> {
    let mut foreign = false;
    let mut document = xml::read(text, &mut |element, above| {
        foreign |= FOREIGN.contains(&&*element.name);
        if let Some(parent) = above.last_mut() {
            parent.absorb(element);
        }
    });
    let mut root = document.root;
    let complete = document.complete;
    if root.is_none() && !document.open.is_empty() {
        let mut outermost = document.open.remove(0);
        outermost.text.clear();
        for mut element in document.open {
            foreign |= FOREIGN.contains(&&*element.name);
            // The text may be cut in the middle of a word.
            element.text.clear();
            outermost.absorb(element);
        }
        root = Some(outermost);
    }
    if let Some(root) = &mut root {
        foreign |= FOREIGN.contains(&&*root.name);
        // `<PackageStatus>Deleted</PackageStatus>`
        let word = root.text.trim();
        if !root.has_children && !word.is_empty() {
            root.fields.push(Field {
                name: root.name.clone(),
                value: word.to_owned().into(),
                line: root.line,
                at: root.at,
                depth: 0,
            });
        }
    }
    Collected {
        root,
        foreign,
        complete,
        defects: document.defects,
    }
}

fn state<'e, 't>(root: &'e Element<'t>) -> Option<&'e Field<'t>> {
    root.find(&STATE, |word| State::parse(word).is_some())
        .or_else(|| {
            root.find(&STATE, |word| {
                !word.is_empty() && stamps::parse(word, None).is_none()
            })
        })
}

fn time<'e, 't>(root: &'e Element<'t>) -> Option<&'e Field<'t>> {
    root.find(&TIME, |time| stamps::parse(time, None).is_some())
        .or_else(|| {
            root.fields.iter().find(|field| {
                (field.name.contains("time") || field.name.contains("date"))
                    && stamps::parse(&field.value, None).is_some()
            })
        })
}

fn packages(root: &Element<'_>) -> BTreeSet<PackageId> {
    root.fields
        .iter()
        .filter(|field| ID.contains(&&*field.name))
        .filter_map(|field| PackageId::parse(field.value.trim()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "{1EC214B8-E862-44A9-B3A6-27D918D136A2}";

    #[test]
    fn every_layout_of_the_families_says_the_same() {
        for text in [
            format!("<PackageStatus Status=\"Ready\" Time=\"2025-08-20 02:27:18\" Guid='{GUID}'/>"),
            format!(
                "<?xml version='1.0'?>\n<Package guid=\"{GUID}\">\n  <State value=\"Ready\" Status=\"Ready\" Time=\"2025-08-20T02:27:18\"/>\n</Package>"
            ),
            format!("<packagestatus id='{GUID}' state='ready' lastupdate='8/20/2025 2:27:18 AM'/>"),
            format!(
                "<PackageStatus>\n<Id>{GUID}</Id>\n<Status>Ready</Status>\n<Time>20.08.2025 02:27:18</Time></PackageStatus>"
            ),
            format!(
                "<p:Status xmlns:p='u'><p:PackageGuid>{GUID}</p:PackageGuid><p:State>READY</p:State><p:DeletedTime>2025-08-20 02:27:18</p:DeletedTime></p:Status>"
            ),
        ] {
            assert!(recognise(&text), "{text}");
            let (status, defects) = parse(&text, None);
            let status = status.unwrap();
            assert_eq!(defects, [], "{text}");
            assert_eq!(status.state, Some(State::Ready));
            assert_eq!(status.package, PackageId::parse(GUID));
            assert_eq!(
                status.time.unwrap().local.to_string(),
                "2025-08-20 02:27:18",
                "{text}"
            );
            assert!(status.complete && status.text.to_lowercase().contains("ready"));
        }
    }

    #[test]
    fn the_line_is_that_of_the_word() {
        let text = "<PackageStatus>\n <Time>2025-08-20 02:27:18</Time>\n <Status>Deleted</Status>\n</PackageStatus>";
        let status = parse(text, None).0.unwrap();
        assert_eq!(
            (status.line, status.text.as_str()),
            (3, "<Status>Deleted</Status>")
        );
        let text = "<PackageStatus\n Time='x'\n Status='Deleted'/>";
        assert_eq!(parse(text, None).0.unwrap().line, 3);
        let status = parse("<PackageStatus>Deleted</PackageStatus>", None)
            .0
            .unwrap();
        assert_eq!(status.state, Some(State::Deleted));
    }

    #[test]
    fn never_delete_is_read_where_it_is_said() {
        let never = |text: &str| parse(text, None).0.unwrap().never_deleted;
        assert!(never("<PackageStatus Status='Ready' NeverDelete='true'/>"));
        assert!(never(
            "<PackageStatus><Status>Ready</Status><NeverDelete>1</NeverDelete></PackageStatus>"
        ));
        assert!(!never(
            "<PackageStatus Status='Ready' NeverDelete='false'/>"
        ));
        assert!(!never("<PackageStatus Status='Ready'/>"));
    }

    #[test]
    fn unknown_words_and_several_packages_are_no_state() {
        let (status, defects) = parse("<PackageStatus Status='4'/>", None);
        let status = status.unwrap();
        assert_eq!((status.state, status.word.as_str()), (None, "4"));
        assert_eq!(defects.len(), 1);
        let other = "{2EC214B8-E862-44A9-B3A6-27D918D136A2}";
        let many = format!(
            "<PackageStatusList><P Id='{GUID}' Status='Ready'/><P Id='{other}' Status='Deleted'/></PackageStatusList>"
        );
        let (status, defects) = parse(&many, None);
        assert!(status.is_none() && defects[0].lost);
        assert!(parse("<PackageStatus/>", None).0.is_none());
    }

    #[test]
    fn every_cut_is_incomplete() {
        for text in [
            format!(
                "<?xml version='1.0'?>\n<Package guid=\"{GUID}\">\n  <State value=\"Ready\" Status=\"Ready\" Time=\"2025-08-20T02:27:18\"/>\n</Package>\r\n"
            ),
            "<PackageStatus><Status>Not Ready</Status></PackageStatus>".to_owned(),
        ] {
            let end = text.trim_end().len();
            for cut in 0..text.len() {
                let (status, defects) = parse(&text[..cut], None);
                if cut < end {
                    assert!(
                        status.as_ref().is_none_or(|status| !status.complete),
                        "{cut}"
                    );
                    assert!(defects.iter().any(|defect| defect.lost), "{cut}");
                    // A cut word is no word.
                    assert!(status.is_none_or(|status| status.word != "Not"));
                } else {
                    assert!(status.unwrap().complete);
                }
            }
        }
    }

    #[test]
    fn other_documents_are_left_alone() {
        for text in [
            "<event date='Sep 26 15:37:19' severity='4'><![CDATA[Status: Ready]]></event>",
            "<Policies><Policy><ClientPolicy><SoftPkg Id='{1EC214B8-E862-44A9-B3A6-27D918D136A2}' State='Ready'/></ClientPolicy></Policy></Policies>",
            "<Task><Status>Ready</Status></Task>",
            "<html><body>Status</body></html>",
            "<package id='NLog' version='4.7'/>",
            "<packages><package id='NLog' version='4.7'/></packages>",
            "<snapshot version='1730383382'><file name='a' size='1'/></snapshot>",
            "<Package State='Ready' Time='2025-08-20 02:27:18'><File name='x'/></Package>",
            "plain text",
            "",
            "<",
        ] {
            assert!(!recognise(text), "{text}");
        }
    }
}
