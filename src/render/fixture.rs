//! A case made by hand for the tests of this stage: two sick packages, one undetermined, healthy ones.

use crate::model::{
    Attempt, Case, Compared, Doubt, Download, EvidenceFile, FileId, Gap, Grade, MissingEvidence,
    MissingWhileReady, Moment, Observation, Outcome, PackageCase, PackageId, Problem, Raw, Reason,
    Records, Redownload, RuledOut, Seen, Side, SideBySide, SideRow, SourceRef, StartTag, State,
    StateSpan, Step, Texts, TimeZoneUsed, Verdict, Wanted, Window, ZoneBasis,
};
use chrono::NaiveDateTime;

/// A second of the server's clock at +01:00.
pub fn at(text: &str) -> Moment {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap();
    let start = local.and_utc().timestamp_millis() - 3_600_000;
    Moment {
        start,
        end: start + 1_000,
        offset: Some(60),
        shift: 0,
        fraction: false,
    }
}

/// Line `line` of the evidence file number `file`.
pub fn source(file: u32, line: u32) -> SourceRef {
    SourceRef {
        file: FileId(file),
        line,
    }
}

/// One observation.
pub fn seen(time: &str, seen: Seen, source: SourceRef) -> Observation {
    Observation {
        at: at(time),
        until: at(time),
        seen,
        records: 1,
        source,
    }
}

/// Two snapshots that differ in one file.
pub fn side_by_side() -> SideBySide {
    let side = |time, number| Side {
        at: at(time),
        source: source(number, 2),
        files: 12,
    };
    let row = |what, before: &str, after: &str| SideRow {
        what,
        before: Some(before.into()),
        after: Some(after.into()),
    };
    SideBySide {
        before: side("2026-11-02 12:00:00", 3),
        after: side("2026-11-04 12:00:00", 4),
        rows: vec![
            row(Compared::Version, "7", "7"),
            row(Compared::File("setup.msi".into()), "10 bytes", "12 bytes"),
        ],
        more_files: 0,
        same_files: 11,
        compared_hashes: true,
    }
}

/// A package of which nothing is known but that it exists.
pub fn package(number: u32, name: &str) -> PackageCase {
    PackageCase {
        id: PackageId(0x1ec2_14b8_e862_44a9_b3a6_27d9_0000_0000 + u128::from(number)),
        name: Some(name.to_owned()),
        server: Some("PS01".into()),
        location: Some(format!(r"D:\PkgShare\{}", name.replace(' ', ""))),
        state: State::Ready,
        missing_while_ready: vec![],
        downloads: vec![],
        redownloads: vec![],
        spans: vec![],
        observations: vec![],
        size: None,
    }
}

/// One completed download.
pub fn download(from: &str, to: &str, line: u32) -> Download {
    Download {
        started: at(from),
        source: source(0, line),
        completed: Some(at(to)),
        completed_source: Some(source(0, line + 40)),
        attempts: vec![Attempt {
            started: at(from),
            ended: Some(at(to)),
            outcome: Outcome::Completed,
            source: source(0, line),
        }],
        given_up: false,
        blocks_needed: Some((61, 61)),
        bytes: Some(127_926_272),
    }
}

/// The states that follow from the package's downloads, from `from` to `to`.
pub fn spans(package: &PackageCase, from: &str, to: &str) -> Vec<StateSpan> {
    let mut spans = vec![];
    let mut now = (State::Unknown, at(from), source(0, 1));
    let mut turn = |state, moment: Moment, source| {
        let (before, since, why) = std::mem::replace(&mut now, (state, moment, source));
        if since.start < moment.start {
            spans.push(StateSpan {
                state: before,
                from: since,
                to: moment,
                source: why,
            });
        }
    };
    for download in &package.downloads {
        turn(State::Pending, download.started, download.source);
        for (number, attempt) in download.attempts.iter().enumerate() {
            turn(State::Downloading, attempt.started, download.source);
            if let Some(end) = attempt.ended {
                let after = match attempt.outcome {
                    Outcome::Completed => State::Ready,
                    _ if number + 1 == download.attempts.len() && download.given_up => {
                        State::NotReady
                    }
                    _ => State::Retrying,
                };
                turn(after, end, download.source);
            }
        }
    }
    turn(State::Unknown, at(to), source(0, 1));
    spans
}

/// How to learn who removes files from `folder`.
pub fn who(folder: &str) -> MissingEvidence {
    let step = |what: &str, command: &str| Step {
        what: what.into(),
        command: Some(command.into()),
    };
    MissingEvidence {
        wanted: Wanted::Who,
        what: "who removed the files".into(),
        place: format!("PS01, {folder}"),
        steps: vec![
            step(
                "audit access to files",
                r#"auditpol /set /subcategory:"{0CCE921D-69AE-11D9-BED3-505054503030}" /success:enable"#,
            ),
            step("export the log", "wevtutil epl Security security.evtx"),
        ],
        when: "before 01:55".into(),
    }
}

fn removal(day: u32, download: usize, line: u32) -> Redownload {
    let time = |clock: &str| at(&format!("2026-11-{day:02} {clock}"));
    Redownload {
        download,
        started_at: time("03:00:05"),
        completed_at: Some(time("03:09:41")),
        previous_completed_at: Some(at(&format!("2026-11-{:02} 03:09:41", day - 1))),
        verdict: Verdict::ExternalRemoval,
        grade: Grade::Proven,
        window: Some(Window {
            after: time("01:55:00"),
            before: time("02:40:00"),
        }),
        actor: None,
        summary: format!(
            "All 12 files were gone at 02:40 on {day} November although the package was Ready; nothing about it had changed."
        ),
        reasons: vec![
            Reason {
                text: "The earlier download was complete: 100 %, then Ready.".into(),
                sources: vec![source(0, line - 80), source(0, line - 79)],
            },
            Reason {
                text: "At 02:40 the listing of the folder shows none of the 12 files that the snapshot lists.".into(),
                sources: vec![source(2, 88)],
            },
            Reason {
                text: "All 61 of 61 blocks were downloaded again.".into(),
                sources: (0..9).map(|extra| source(0, line + extra)).collect(),
            },
        ],
        ruled_out: vec![
            RuledOut {
                verdict: Verdict::VersionChange,
                text: "The version was 1601867730 before and after.".into(),
                sources: vec![source(3, 2), source(4, 2)],
            },
            RuledOut {
                verdict: Verdict::ProductCleanup,
                text: "The log covers the window and shows no Deleted for this package.".into(),
                sources: vec![source(0, line - 30)],
            },
        ],
        doubts: vec![],
        missing_evidence: vec![who(r"D:\PkgShare\ContosoVPN")],
        snapshots: Some(side_by_side()),
        assumed_wording: false,
    }
}

/// The case: 9 days of PS01.
pub fn case() -> Case {
    let (from, to) = ("2026-10-28 00:00:12", "2026-11-05 23:59:40");
    let mut vpn = package(1, "Contoso VPN 4.1");
    vpn.downloads = vec![
        download("2026-10-28 03:00:05", "2026-10-28 03:09:41", 120),
        download("2026-11-02 03:00:05", "2026-11-02 03:09:41", 1000),
        download("2026-11-03 03:00:05", "2026-11-03 03:09:41", 1204),
        download("2026-11-04 03:00:05", "2026-11-04 03:09:41", 1410),
    ];
    vpn.redownloads = vec![removal(3, 2, 1204), removal(4, 3, 1410)];
    vpn.redownloads.insert(
        0,
        Redownload {
            previous_completed_at: Some(at("2026-10-28 03:09:41")),
            ..removal(2, 1, 1000)
        },
    );
    vpn.missing_while_ready = vec![
        MissingWhileReady {
            at: at("2026-11-03 02:40:00"),
            files_missing: 12,
            files_listed: 12,
            sources: vec![source(2, 88)],
        },
        MissingWhileReady {
            at: at("2026-11-05 02:40:00"),
            files_missing: 12,
            files_listed: 12,
            sources: vec![source(2, 188)],
        },
    ];
    let (snapshot, state) = (
        Seen::SnapshotCaptured { version: Some(7) },
        Some(State::Ready),
    );
    let listing = Seen::Listed {
        missing: 12,
        listed: 12,
    };
    vpn.observations = vec![
        seen(
            "2026-10-28 03:05:00",
            Seen::Failed { code: Some(707) },
            source(0, 20),
        ),
        seen("2026-11-02 12:00:00", snapshot, source(3, 2)),
        seen("2026-11-03 02:40:00", listing, source(2, 88)),
        seen(
            "2026-11-03 02:41:00",
            Seen::StatusCaptured { state },
            source(5, 4),
        ),
        seen("2026-11-03 03:00:00", Seen::FilesMissing, source(0, 300)),
        seen("2026-11-04 12:00:00", snapshot, source(4, 2)),
        seen("2026-11-05 02:40:00", listing, source(2, 188)),
    ];
    vpn.size = Some(127_926_272);

    let mut office = package(2, "Office Add-ins <b>2026</b>");
    office.downloads = vec![
        download("2026-10-28 03:12:00", "2026-10-28 03:20:00", 200),
        download("2026-10-31 14:02:11", "2026-10-31 14:31:00", 700),
    ];
    office.redownloads = vec![Redownload {
        download: 1,
        started_at: at("2026-10-31 14:02:11"),
        completed_at: Some(at("2026-10-31 14:31:00")),
        previous_completed_at: Some(at("2026-10-28 03:20:00")),
        verdict: Verdict::VersionChange,
        grade: Grade::Strong,
        window: None,
        actor: None,
        summary: "The required version rose from 1601867730 to 1602958000.".into(),
        reasons: vec![Reason {
            text: "The log states both versions side by side.".into(),
            sources: vec![source(0, 702)],
        }],
        ruled_out: vec![RuledOut {
            verdict: Verdict::ExternalRemoval,
            text: "The new version came before the download.".into(),
            sources: vec![source(0, 702)],
        }],
        doubts: vec![],
        missing_evidence: vec![],
        snapshots: None,
        assumed_wording: true,
    }];

    let mut agent = package(
        3,
        "Übersicht-Agent für Außenstellen (Пакет обновлений) 12.0.4418.1000 x64 Deutsch Release",
    );
    agent.downloads = vec![
        download("2026-10-29 03:00:00", "2026-10-29 03:20:00", 300),
        Download {
            completed: None,
            completed_source: None,
            given_up: true,
            attempts: vec![
                Attempt {
                    started: at("2026-11-01 03:00:00"),
                    ended: Some(at("2026-11-01 03:04:00")),
                    outcome: Outcome::Failed(Some(0x2c3)),
                    source: source(0, 20),
                },
                Attempt {
                    started: at("2026-11-01 09:00:00"),
                    ended: Some(at("2026-11-01 09:10:00")),
                    outcome: Outcome::Failed(None),
                    source: source(0, 20),
                },
            ],
            blocks_needed: None,
            bytes: None,
            ..download("2026-11-01 03:00:00", "2026-11-01 03:04:00", 800)
        },
        download("2026-11-02 03:30:00", "2026-11-02 03:44:00", 900),
        download("2026-11-05 17:30:00", "2026-11-05 17:44:00", 1900),
    ];
    let bare = |download, started: &str, verdict, grade| Redownload {
        download,
        started_at: at(started),
        completed_at: None,
        previous_completed_at: None,
        verdict,
        grade,
        window: None,
        actor: None,
        summary: "The package was Ready and was downloaded again.".into(),
        reasons: vec![],
        ruled_out: vec![],
        doubts: vec![],
        missing_evidence: vec![],
        snapshots: None,
        assumed_wording: false,
    };
    agent.redownloads = vec![
        Redownload {
            missing_evidence: vec![
                MissingEvidence {
                    wanted: Wanted::Listing,
                    what: "a listing of the folder between two downloads".into(),
                    steps: vec![Step {
                        what: "list it".into(),
                        command: Some(r"dir /s /a D:\PkgShare".into()),
                    }],
                    when: "once an hour".into(),
                    ..who(r"D:\PkgShare")
                },
                MissingEvidence {
                    wanted: Wanted::Captures,
                    what: "the snapshot before the download".into(),
                    steps: vec![Step {
                        what: "copy snapshot.xml".into(),
                        command: None,
                    }],
                    when: "before the next refresh".into(),
                    ..who(r"D:\PkgShare")
                },
            ],
            doubts: vec![Doubt {
                verdict: Verdict::PathChange,
                text: "nothing states the path on both sides of this download.".into(),
            }],
            ..bare(
                1,
                "2026-11-01 03:00:00",
                Verdict::Undetermined,
                Grade::Undetermined,
            )
        },
        Redownload {
            reasons: vec![Reason {
                text: "The download of 1 November failed with 0x000002C3 and was given up.".into(),
                sources: vec![source(0, 801)],
            }],
            ..bare(
                2,
                "2026-11-02 03:30:00",
                Verdict::InterruptedDownload,
                Grade::Proven,
            )
        },
        Redownload {
            actor: Some(r"CONTOSO\jdoe".into()),
            ..bare(
                3,
                "2026-11-05 17:30:00",
                Verdict::OperatorAction,
                Grade::Likely,
            )
        },
    ];

    let mut packages = vec![vpn, office, agent];
    for (number, name) in ["7-Zip 24.09", "PuTTY 0.83", "Reader DC"]
        .iter()
        .enumerate()
    {
        let mut healthy = package(10 + number as u32, name);
        healthy.downloads = vec![download("2026-10-30 03:00:00", "2026-10-30 03:02:00", 500)];
        healthy.observations = vec![seen(
            "2026-11-03 02:40:00",
            Seen::Listed {
                missing: 0,
                listed: 3,
            },
            source(2, 300),
        )];
        packages.push(healthy);
    }
    for package in &mut packages {
        package.spans = spans(package, from, to);
    }

    let file = |path: &str, kind, records| EvidenceFile {
        path: path.into(),
        kind,
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        bytes: 734_003,
        records,
        from: Some(at(from)),
        to: Some(at(to)),
        gaps: vec![],
        matched: records / 2,
        unmatched: 3,
    };
    let mut log = file("bundle/Agent.log", "agent-log", 2101);
    log.gaps = vec![Gap {
        from: at("2026-10-31 20:00:00"),
        to: at("2026-10-31 23:10:00"),
    }];
    Case {
        narrowed: None,
        zone: TimeZoneUsed {
            offset: Some(60),
            basis: ZoneBasis::Stated,
            name: Some("W. Europe Standard Time".into()),
            several: false,
        },
        packages,
        findings: vec![],
        evidence: vec![
            log,
            file("bundle/desktop.png", "unused", 0),
            file("bundle/listing-20261103-0240.txt", "listing", 44),
            file("bundle/monday/snapshot.xml", "snapshot", 1),
            file(
                "bundle/old.zip!very/deep/folder/with/a/long/name/and/more/of/it/{1ec214b8-e862-44a9-b3a6-27d918d136a2}/snapshot.xml",
                "snapshot",
                1,
            ),
            file("bundle/PackageStatus.xml", "package-status", 1),
        ],
        problems: vec![
            Problem::note(
                "bundle/Agent.log",
                Some(3),
                "record cut at the start of the file",
                "its event is lost",
            ),
            Problem::loss(
                "bundle/old.zip!logs.7z",
                None,
                "archive is damaged after 14 of 20 entries",
                "6 logs of October are not considered",
            ),
        ],
        quotes: Texts::new([
            (
                source(0, 702),
                "<event date='Oct 31 14:02:11' severity='4' source='PackageDelivery'><![CDATA[Package <script>alert(1)</script> version 1601867730 | required `1602958000`]]></event>",
            ),
            (source(2, 88), r" Directory of D:\PkgShare\ContosoVPN"),
            (source(3, 2), r#"  <Snapshot version="1601867730">"#),
            (source(4, 2), r#"  <Snapshot version="1601867730">"#),
            (
                source(0, 801),
                "<event date='Nov 01 03:04:00' severity='1'>\r\n  Download failed: {Partial Data Received} (0x000002C3)\r\n</event>",
            ),
        ]
        .into_iter()
        .chain((1204..1213).map(|line| (source(0, line), "<event date='Nov 03 03:00:05'><![CDATA[Block 12 of 61 downloaded]]></event>")))
        .map(|(at, text)| (at, text.to_owned()))
        .collect()),
        raw: Records::new([(
            source(0, 1_204),
            Raw {
                tag: Some(StartTag::of("<event date='Nov 3 03:00:05' severity='4' tickCount='77' >").into()),
                text: "Download started".into(),
            },
        )]
        .into()),
        period: Some((at(from), at(to))),
        clean: false,
    }
}

/// One package that is downloaded again every two hours for five weeks, and one without spans.
pub fn dense_case() -> Case {
    let mut case = case();
    case.packages.truncate(3);
    case.packages.remove(2);
    case.packages[1].spans.clear();
    let vpn = &mut case.packages[0];
    let (first, again) = (vpn.downloads[0].clone(), vpn.redownloads[0].clone());
    vpn.downloads.clear();
    vpn.redownloads.clear();
    let later = |moment: Moment, hours: i64| Moment {
        start: moment.start + hours * 3_600_000,
        end: moment.end + hours * 3_600_000,
        ..moment
    };
    for number in 0..420 {
        let hours = number as i64 * 2;
        let mut download = first.clone();
        download.started = later(download.started, hours);
        download.completed = download.completed.map(|at| later(at, hours));
        for attempt in &mut download.attempts {
            attempt.started = later(attempt.started, hours);
            attempt.ended = attempt.ended.map(|at| later(at, hours));
        }
        let mut one = again.clone();
        one.download = number;
        one.started_at = download.started;
        one.window = one.window.map(|window| Window {
            after: later(window.after, hours - 120),
            before: later(window.before, hours - 120),
        });
        if number % 7 == 0 {
            one.verdict = Verdict::VersionChange;
        }
        vpn.downloads.push(download);
        vpn.redownloads.push(one);
    }
    vpn.spans = spans(vpn, "2026-10-28 00:00:12", "2026-12-03 00:00:00");
    case.period = Some((at("2026-10-28 00:00:12"), at("2026-12-03 00:00:00")));
    case
}

/// A case that breaks what a case promises: indexes, order, lengths, absent values.
pub fn odd_case() -> Case {
    let mut case = case();
    case.evidence.truncate(1);
    case.quotes = Texts::default();
    case.raw = Records::default();
    case.zone = TimeZoneUsed::default();
    let far = Moment {
        start: i64::MAX / 2,
        end: i64::MAX / 2,
        ..at("2026-11-03 02:40:00")
    };
    let [vpn, office, agent, ..] = case.packages.as_mut_slice() else {
        return case;
    };
    for one in &mut vpn.redownloads {
        one.download = 999;
        one.window = one.window.map(|window| Window {
            after: window.before,
            before: window.after,
        });
    }
    vpn.downloads.clear();
    vpn.name = Some("   ".into());
    office.redownloads.clear();
    office.missing_while_ready = vpn.missing_while_ready.split_off(1);
    office.missing_while_ready[0].files_listed = 0;
    office.server = None;
    for span in &mut office.spans {
        std::mem::swap(&mut span.from, &mut span.to);
    }
    agent.state = State::Invalid;
    agent.redownloads.clear();
    agent.downloads[0].attempts.clear();
    agent.downloads[1].started = far;
    agent.observations = vec![Observation {
        at: far,
        ..seen("2026-11-03 02:40:00", Seen::FilesThere, source(9, 9))
    }];
    case
}

/// What an attacker would write into a field.
pub const EVIL: &str = "<script>alert(1)</script></style>\" onload=\"x' | `code` [a](javascript:alert(1)) ![i](http://evil.example/i.png) www.evil.example a@evil.example **b** \u{202e}txt\u{1b}[31mred\0\u{9b}2J\r\n# h";

/// The case with [`EVIL`] in every text that evidence can fill.
pub fn evil_case() -> Case {
    filled_case(EVIL)
}

/// The case with `text` in every text that evidence can fill.
pub fn filled_case(text: &str) -> Case {
    let mut case = case();
    case.zone.name = Some(text.into());
    for package in &mut case.packages {
        package.name = Some(text.into());
        package.server = Some(text.into());
        package.location = Some(text.into());
        for one in &mut package.redownloads {
            one.actor = Some(text.into());
            one.summary = text.into();
            for reason in &mut one.reasons {
                reason.text = text.into();
            }
            for rival in &mut one.ruled_out {
                rival.text = text.into();
            }
            for doubt in &mut one.doubts {
                doubt.text = text.into();
            }
            for row in one.snapshots.iter_mut().flat_map(|both| &mut both.rows) {
                row.before = Some(text.into());
                row.after = Some(format!("{text}."));
                if let Compared::File(name) = &mut row.what {
                    *name = text.into();
                }
            }
            for missing in &mut one.missing_evidence {
                missing.what = text.into();
                missing.place = text.into();
                missing.when = text.into();
                for step in &mut missing.steps {
                    step.what = text.into();
                    step.command = Some(text.into());
                }
            }
        }
    }
    for file in &mut case.evidence {
        file.path = text.into();
        file.sha256 = text.into();
    }
    for problem in &mut case.problems {
        problem.place.path = text.into();
        problem.defect = text.into();
        problem.cost = text.into();
    }
    let quotes = case.quotes.keys().map(|place| (*place, text.to_owned()));
    case.quotes = Texts::new(quotes.collect());
    let raw = case.raw.keys().map(|place| (*place, Raw::whole(text)));
    case.raw = Records::new(raw.collect());
    case
}

/// The case with `count` packages: the sick ones of [`case`] again and again, the rest healthy.
pub fn large_case(count: u32) -> Case {
    let mut case = case();
    let (sick, healthy) = (case.packages[..3].to_vec(), case.packages[3].clone());
    case.packages.clear();
    for number in 0..count {
        let mut one = if number % 6 == 0 {
            sick[(number as usize / 6) % 3].clone()
        } else {
            healthy.clone()
        };
        one.id = package(number, "").id;
        one.server = Some(if number % 2 == 0 { "PS01" } else { "PS02" }.into());
        if number % 6 != 0 {
            one.name = Some(format!("Healthy package number {number}"));
        }
        case.packages.push(one);
    }
    if let Some(long) = case.packages.get_mut(1) {
        long.name = Some("Wörter ".repeat(43));
    }
    case
}
