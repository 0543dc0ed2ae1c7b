//! `verdicts.json`, exactly as `contract.md` promises it to scripts: the order of the fields here
//! is the order of the keys there.

use super::words;
use crate::model::text::escape_json;
use crate::model::{
    Case, EvidenceFile, Moment, PackageCase, Problem, Redownload, SourceRef, State,
};
use serde::Serialize;
use std::borrow::Cow;

/// A change of shape is a change of this name.
const SCHEMA: &str = "pkgtrail-verdicts-1";

/// The JSON Schema (draft 2020-12) of the file, written by hand; a test holds every sample against it.
pub const VERDICTS_SCHEMA: &str = include_str!("verdicts.schema.json");

#[derive(Serialize)]
struct File<'a> {
    schema: &'a str,
    tool: &'a str,
    time_zone: Zone,
    packages: Vec<Package<'a>>,
    evidence: Vec<Evidence<'a>>,
    problems: Vec<Trouble<'a>>,
}

#[derive(Serialize)]
struct Zone {
    offset: Option<String>,
    basis: &'static str,
}

#[derive(Serialize)]
struct Package<'a> {
    id: String,
    name: Option<&'a str>,
    server: Option<&'a str>,
    location: Option<&'a str>,
    state: &'static str,
    missing_while_ready: Vec<Missing>,
    redownloads: Vec<Again<'a>>,
}

#[derive(Serialize)]
struct Missing {
    at: String,
    files_missing: u32,
    files_listed: u32,
    sources: Vec<String>,
}

#[derive(Serialize)]
struct Again<'a> {
    started_at: String,
    completed_at: Option<String>,
    previous_completed_at: Option<String>,
    verdict: &'static str,
    grade: &'static str,
    removal_window: Option<Removal>,
    actor: Option<&'a str>,
    reasons: Vec<Because<'a>>,
    ruled_out: Vec<Rival<'a>>,
    missing_evidence: Vec<String>,
}

#[derive(Serialize)]
struct Removal {
    after: String,
    before: String,
}

#[derive(Serialize)]
struct Because<'a> {
    text: Cow<'a, str>,
    sources: Vec<String>,
}

#[derive(Serialize)]
struct Rival<'a> {
    verdict: &'static str,
    text: &'a str,
    sources: Vec<String>,
}

#[derive(Serialize)]
struct Evidence<'a> {
    path: &'a str,
    kind: &'static str,
    sha256: &'a str,
    bytes: u64,
    records: u64,
    from: Option<String>,
    to: Option<String>,
    gaps: Vec<Silence>,
}

#[derive(Serialize)]
struct Silence {
    from: String,
    to: String,
}

#[derive(Serialize)]
struct Trouble<'a> {
    #[serde(rename = "where")]
    place: String,
    what: &'a str,
    cost: &'a str,
}

/// The file's text, UTF-8, with a line feed at its end.
///
/// Texts are those of the evidence; characters that could mislead a reader or a terminal are
/// written as JSON escapes, so that a program still gets what the evidence says.
pub fn verdicts(case: &Case) -> String {
    let file = File {
        schema: SCHEMA,
        tool: words::TOOL,
        time_zone: Zone {
            offset: case.zone.offset.map(words::offset),
            basis: case.zone.basis.name(),
        },
        packages: case.packages.iter().map(|one| package(case, one)).collect(),
        evidence: case.evidence.iter().map(evidence).collect(),
        problems: case.problems.iter().map(problem).collect(),
    };
    // Only strings, numbers and lists of them: nothing in it can fail to be written.
    let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
    text.push('\n');
    escape_json(text)
}

fn cite(case: &Case, sources: &[SourceRef]) -> Vec<String> {
    let sources = super::argument::raw_first(case, sources);
    sources.iter().map(|one| case.cite(*one)).collect()
}

fn shown(at: &Option<Moment>) -> Option<String> {
    at.as_ref().map(Moment::shown)
}

fn package<'a>(case: &Case, package: &'a PackageCase) -> Package<'a> {
    Package {
        id: package.id.to_string(),
        name: package.name.as_deref(),
        server: package.server.as_deref(),
        location: package.location.as_deref(),
        state: word(package.state),
        missing_while_ready: package
            .missing_while_ready
            .iter()
            .map(|one| Missing {
                at: one.at.shown(),
                files_missing: one.files_missing,
                files_listed: one.files_listed,
                sources: cite(case, &one.sources),
            })
            .collect(),
        redownloads: package
            .redownloads
            .iter()
            .map(|one| redownload(case, one))
            .collect(),
    }
}

/// The state as one of the words of the contract. `Assigned` is a state of the analysis, of which
/// the product has said no word yet.
fn word(state: State) -> &'static str {
    match state {
        State::Assigned => State::Unknown.name(),
        state => state.name(),
    }
}

fn redownload<'a>(case: &Case, one: &'a Redownload) -> Again<'a> {
    Again {
        started_at: one.started_at.shown(),
        completed_at: shown(&one.completed_at),
        previous_completed_at: shown(&one.previous_completed_at),
        verdict: one.verdict.name(),
        grade: one.grade.name(),
        removal_window: one.window.map(|window| Removal {
            after: window.after.shown(),
            before: window.before.shown(),
        }),
        actor: one.actor.as_deref(),
        reasons: one
            .reasons
            .iter()
            .map(|reason| Because {
                text: Cow::Borrowed(&reason.text),
                sources: cite(case, &reason.sources),
            })
            .chain(one.doubts.iter().map(|doubt| Because {
                text: Cow::Owned(words::doubt(doubt)),
                sources: Vec::new(),
            }))
            .chain(one.assumed_wording.then_some(Because {
                text: Cow::Borrowed(words::ASSUMED),
                sources: Vec::new(),
            }))
            .collect(),
        ruled_out: one
            .ruled_out
            .iter()
            .map(|rival| Rival {
                verdict: rival.verdict.name(),
                text: &rival.text,
                sources: cite(case, &rival.sources),
            })
            .collect(),
        missing_evidence: one
            .missing_evidence
            .iter()
            .map(ToString::to_string)
            .collect(),
    }
}

fn evidence(file: &EvidenceFile) -> Evidence<'_> {
    Evidence {
        path: &file.path,
        kind: file.kind,
        sha256: &file.sha256,
        bytes: file.bytes,
        records: file.records,
        from: shown(&file.from),
        to: shown(&file.to),
        gaps: file
            .gaps
            .iter()
            .map(|gap| Silence {
                from: gap.from.shown(),
                to: gap.to.shown(),
            })
            .collect(),
    }
}

fn problem(problem: &Problem) -> Trouble<'_> {
    Trouble {
        place: problem.place.to_string(),
        what: &problem.defect,
        cost: &problem.cost,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn keys_and_values_are_those_of_the_contract() {
        let mut case = fixture::case();
        case.packages.truncate(1);
        case.packages[0].redownloads.truncate(1);
        case.packages[0].missing_while_ready.truncate(1);
        let one = &mut case.packages[0].redownloads[0];
        one.reasons.truncate(1);
        one.ruled_out.truncate(1);
        case.evidence.truncate(5);
        case.problems.truncate(1);
        assert_eq!(
            verdicts(&case).replace(words::TOOL, "TOOL"),
            r##"{
  "schema": "pkgtrail-verdicts-1",
  "tool": "TOOL",
  "time_zone": {
    "offset": "+01:00",
    "basis": "stated"
  },
  "packages": [
    {
      "id": "1ec214b8-e862-44a9-b3a6-27d900000001",
      "name": "Contoso VPN 4.1",
      "server": "PS01",
      "location": "D:\\PkgShare\\ContosoVPN4.1",
      "state": "Ready",
      "missing_while_ready": [
        {
          "at": "2026-11-03T02:40:00+01:00",
          "files_missing": 12,
          "files_listed": 12,
          "sources": [
            "bundle/listing-20261103-0240.txt:88"
          ]
        }
      ],
      "redownloads": [
        {
          "started_at": "2026-11-02T03:00:05+01:00",
          "completed_at": "2026-11-02T03:09:41+01:00",
          "previous_completed_at": "2026-10-28T03:09:41+01:00",
          "verdict": "external-removal",
          "grade": "proven",
          "removal_window": {
            "after": "2026-11-02T01:55:00+01:00",
            "before": "2026-11-02T02:40:00+01:00"
          },
          "actor": null,
          "reasons": [
            {
              "text": "The earlier download was complete: 100 %, then Ready.",
              "sources": [
                "bundle/Agent.log:920",
                "bundle/Agent.log:921"
              ]
            }
          ],
          "ruled_out": [
            {
              "verdict": "version-change",
              "text": "The version was 1601867730 before and after.",
              "sources": [
                "bundle/monday/snapshot.xml:2",
                "bundle/old.zip!very/deep/folder/with/a/long/name/and/more/of/it/{1ec214b8-e862-44a9-b3a6-27d918d136a2}/snapshot.xml:2"
              ]
            }
          ],
          "missing_evidence": [
            "who removed the files; where: PS01, D:\\PkgShare\\ContosoVPN; how: 1. audit access to files: auditpol /set /subcategory:\"{0CCE921D-69AE-11D9-BED3-505054503030}\" /success:enable; 2. export the log: wevtutil epl Security security.evtx; when: before 01:55"
          ]
        }
      ]
    }
  ],
  "evidence": [
    {
      "path": "bundle/Agent.log",
      "kind": "agent-log",
      "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      "bytes": 734003,
      "records": 2101,
      "from": "2026-10-28T00:00:12+01:00",
      "to": "2026-11-05T23:59:40+01:00",
      "gaps": [
        {
          "from": "2026-10-31T20:00:00+01:00",
          "to": "2026-10-31T23:10:00+01:00"
        }
      ]
    },
    {
      "path": "bundle/desktop.png",
      "kind": "unused",
      "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      "bytes": 734003,
      "records": 0,
      "from": "2026-10-28T00:00:12+01:00",
      "to": "2026-11-05T23:59:40+01:00",
      "gaps": []
    },
    {
      "path": "bundle/listing-20261103-0240.txt",
      "kind": "listing",
      "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      "bytes": 734003,
      "records": 44,
      "from": "2026-10-28T00:00:12+01:00",
      "to": "2026-11-05T23:59:40+01:00",
      "gaps": []
    },
    {
      "path": "bundle/monday/snapshot.xml",
      "kind": "snapshot",
      "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      "bytes": 734003,
      "records": 1,
      "from": "2026-10-28T00:00:12+01:00",
      "to": "2026-11-05T23:59:40+01:00",
      "gaps": []
    },
    {
      "path": "bundle/old.zip!very/deep/folder/with/a/long/name/and/more/of/it/{1ec214b8-e862-44a9-b3a6-27d918d136a2}/snapshot.xml",
      "kind": "snapshot",
      "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      "bytes": 734003,
      "records": 1,
      "from": "2026-10-28T00:00:12+01:00",
      "to": "2026-11-05T23:59:40+01:00",
      "gaps": []
    }
  ],
  "problems": [
    {
      "where": "bundle/Agent.log:3",
      "what": "record cut at the start of the file",
      "cost": "its event is lost"
    }
  ]
}
"##
        );
    }

    #[test]
    fn hostile_text_survives_for_programs_and_is_harmless_on_a_screen() {
        let text = verdicts(&fixture::evil_case());
        assert!(
            !text
                .chars()
                .any(|one| one != '\n' && crate::model::text::is_treacherous(one))
        );
        let back: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(back["packages"][0]["name"], fixture::EVIL);
        assert_eq!(
            escape_json("\"\u{e0041}\"".to_owned()),
            "\"\\udb40\\udc41\""
        );
    }

    #[test]
    fn an_empty_case_is_a_valid_file() {
        assert_eq!(
            verdicts(&Case::default()),
            format!(
                "{{\n  \"schema\": \"pkgtrail-verdicts-1\",\n  \"tool\": \"{}\",\n  \"time_zone\": {{\n    \"offset\": null,\n    \"basis\": \"unknown\"\n  }},\n  \"packages\": [],\n  \"evidence\": [],\n  \"problems\": []\n}}\n",
                words::TOOL
            )
        );
    }
}
