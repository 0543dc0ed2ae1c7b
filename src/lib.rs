//! pkgtrail: why a Package Server downloads the same package again and again, with proof.
//!
//! This page is the architecture document. Evidence goes in, a picture comes out; between any two
//! stages stands one plain type of [`model`].
//!
//! ```text
//! folders, archives, files
//!   evidence   named streams            nothing is extracted; limits; what breaks is a problem
//!   ingest     events, captures         what is this file; read it; settle year, zone, server
//!   timeline   one ordered event table  told once, however many files tell it; Parquet, CSV, JSON lines
//!   analysis   verdicts                 state machine -> downloads -> case files -> rules
//!   render     pages, pictures, tables  report.html, timeline.png, summary.md, verdicts.json, report.xlsx, ...
//! redact       names for identities   behind the analysis, before anything is drawn; secrets go always
//! cli          arguments in, exit status out; the only module that prints
//! ```
//!
//! # Who may import whom
//!
//! Stages are siblings: they share [`model`] and never import each other's insides. A test
//! (`tests/architecture.rs`) keeps this table true.
//!
//! | module | may import | only user of |
//! |---|---|---|
//! | `model` | nothing here | |
//! | `redact` | `model` | aho_corasick and regex with `ingest` |
//! | `evidence` | `model` | zip, tar, sevenz_rust2, walkdir; flate2 with `render` |
//! | `ingest` | `model`, `evidence` | nom, quick_xml, encoding_rs, toml; regex and aho_corasick with `redact` |
//! | `timeline` | `model` | polars, polars_arrow, polars_io, polars_parquet, zstd |
//! | `analysis` | `model`, `timeline` | |
//! | `render` | `model`, `timeline` | plotters, askama, comfy_table, rust_xlsxwriter; flate2 for PNG and the data of the page |
//! | `cli` | all | clap (also clap_complete, clap_mangen), anyhow, tempfile, ctrlc, indicatif, opener, anstream, anstyle |
//!
//! What is read is worked on by the threads of rayon, as many as `--threads` says, the main thread
//! among them where there are several (`cli/gather.rs`); reading, parsing and the outputs have threads
//! of their own, as many. A large file on disk is read by the threads that parse it, side by side, each
//! into memory that the cache of its core still holds; what comes out of an archive is handed to them. What comes
//! back is in order, so that invariant 4 holds.
//!
//! # Invariants
//!
//! 1. **Parsing never fails.** It gives facts *and* [`model::Problem`]s: a place, a defect, a cost.
//! 2. **A fact carries its sources.** Every event, reason and sentence can be opened at `file:line`.
//! 3. **"Cannot tell" is an answer.** A missing file never becomes "does not apply". Above all, nobody
//!    is accused of removing files unless the version is known on both sides of the download.
//! 4. **The output depends on the evidence alone**: not on the order of arguments or files, the clock,
//!    the locale or the number of threads. No map without an order, no "generated at".
//! 5. **Text from evidence is never trusted.** Each output escapes it in one place
//!    ([`render::text`] for control and bidi characters, the template for HTML, one function for Markdown).
//! 6. **Doubt about time survives.** A [`model::Moment`] is a stretch; only stretches that do not
//!    overlap have an order. An unknown zone stays unknown and is told.
//! 7. **Wording is graded.** Confirmed, documented, taught by the user, or assumed; a verdict that rests
//!    on assumed wording says so.
//! 8. **A selection proves no absence.** Copied records, histories, cut documents, logs too short to show
//!    their gaps, logs around a lost or overwritten record and logs in a wording that nobody taught us say
//!    what happened, never what did not. Where an archive's check sum does not match, that holds for its
//!    logs, and its documents are not used (`evidence::Visited`, `tests/threats/damage.rs`).
//! 9. **No secret leaves.** Passwords, keys and tokens are dropped from all that is written and printed;
//!    with `--redact`, identities become stable names there. Both come behind the analysis
//!    (`cli/redacted.rs`), so no verdict depends on them and no output can forget them.
//!
//! # Threats
//!
//! A bundle is sent by somebody else, and the report is sent on. Each threat has a test of its number
//! in `tests/threats/`, T21 in `tests/redaction.rs`; a test (`tests/architecture.rs`) keeps this table true.
//!
//! | | threat | what meets it | test |
//! |---|---|---|---|
//! | T1 | names that point outside | nothing is unpacked; names are cited, odd signs spelled out | `t01_zip_slip` |
//! | T2 | links | neither followed nor made | `t02_links` |
//! | T3 | small archives of huge files | bytes are counted as they come, [`evidence::Limits`] | `t03_a_ratio_bomb` |
//! | T4 | members that overlap | refused before the first is read | `t04_overlapping_members` |
//! | T5 | archives in archives, too many members, deep paths | limits, each told with its option | `t05_too_deep_and_too_many` |
//! | T6 | two members of one name, two names for one member | all are read, the difference is told | `t06_one_name_twice_and_two_names_for_one` |
//! | T7 | cut archives | whole members and the piece of the next are read | `t07_a_cut_archive` |
//! | T8 | entities | not expanded, nothing is opened | `t08_entities` |
//! | T9 | wide, deep, long XML | limits on work, and reading ends where no tag comes | `t09_wide_deep_and_long_xml` |
//! | T10 | cut documents | our own idea of a whole document; a cut one proves no absence | `t10_cut_documents` |
//! | T11 | encodings, random bytes | told by mark and by NULs | `t11_encodings` |
//! | T12 | a line without end | read in blocks | `t12_a_line_without_end` |
//! | T13 | records cut by rotation or a second writer | joined across files, else counted | `t13_records_cut_at_rotation_and_by_another_writer` |
//! | T14 | copies of a log | the story is told once | `t14_the_same_lines_in_two_files` |
//! | T15 | misleading file names | order by content | `t15_the_names_of_files_order_nothing` |
//! | T16 | clocks that were set | order of the file, doubt about time survives | `t16_a_clock_that_was_set` |
//! | T17 | markup | escaped in one place, and a policy in the page; checked in Chromium | `t17_markup` |
//! | T18 | formulas | text cells only | `t18_formulas` |
//! | T19 | names that become files | outputs have fixed names | `t19_names_of_outputs` |
//! | T20 | commands to the terminal | one writer cleans all text | `t20_terminal` |
//! | T21 | identities and secrets that leave | [`redact`]: names on request, secrets dropped always | `t21_of_sixty_planted_secrets_none_comes_out` |
//! | T22 | memory | what is only read does not stay | `t22_memory` |
//! | T23 | a full disk | written beside, then renamed | `t23_a_full_disk` |
//! | T24 | an interrupt, a kill | the same; a kill leaves one folder (`cli/unfinished.rs`), which the next run removes | `t24_interrupted_and_killed` |
//! | T25 | output that changes by itself | invariant 4 | `t25_the_same_bytes` |
//! | T26 | inputs that are changed | opened for reading only | `t26_inputs_stay_as_they_were` |
//! | T27 | a parser that never ends | its thread is left behind, [`ingest::watch`] | `t27_a_parser_that_never_ends` |
//! | T28 | a parser that panics | costs its file only | `t28_a_parser_that_panics` |
//!
//! # What grows is a table
//!
//! | to add | write | and |
//! |---|---|---|
//! | a message wording | an entry with samples in `ingest/messages` | its words in `spared.rs` where they stand |
//! | an evidence kind | a module in `ingest/parsers` | its line in `KINDS`, a sample |
//! | the meaning of an error code | a row in `model/error_code` | nothing else |
//! | a verdict rule | a file in `analysis/rules`: manual, judge, tests | its line in `RULES` |
//! | a finding beside the verdicts | a file in `analysis/findings` | its line in `FINDINGS` |
//! | an output | a file in `render` | its line in `cli/report.rs`, its name in `model/report.rs` |
//! | a chart | a file in `render/charts` | its line in `CHARTS` |
//! | a target to fuzz | a function in `fuzz/targets.rs` | its file beside it, an input that is kept |
//! | a form of a secret | a row in `redact/secrets.rs` with samples | nothing else |
//! | a place where an identity stands | a row in `redact/find.rs` with samples | nothing else |
//! | a test case | a folder in `samples/` | `PKGTRAIL_BLESS=1 tests/run`, then read the difference |
//!
//! # Where to look first
//!
//! - What a re-download is: [`analysis::downloads`]. What a rule may look at: [`analysis::redownload`].
//!   How answers become a verdict: [`analysis::rules`]. What else is noticed: [`analysis::findings`].
//!   When the silence of a log counts: [`analysis::coverage`].
//!   How a re-download finds its stretch among millions of events: [`analysis::index`].
//! - Why a large log costs little: blocks are handed on as they are read ([`ingest::blocks`]), a start tag
//!   written as before is compared as a whole (`ingest/parsers/agent_log/habits.rs`), a message is
//!   understood once (`ingest/messages/heard.rs`; each thread remembers it, `remembered.rs`), one of no
//!   interest is known again whatever its digits are (`ingest/messages/quiet.rs`), events that
//!   say the same share it ([`model::Said`]), as the columns of the table do (`timeline/column.rs`, packed by
//!   `packed.rs` and `printed.rs`), and a record becomes its event where it lies (`ingest/record.rs`).
//!   A pattern is compiled once something stands in a message without which it cannot match
//!   (`ingest/messages/spared.rs`). Captures of a snapshot that did not change are read once:
//!   `ingest/again.rs`. A record that a report shows as written is held, asked for secrets and put into the
//!   page by what it shares with others: [`model::raw`].
//! - How a time without year or zone becomes a moment: [`ingest::clock`]. Which server a file without a host
//!   speaks of: `ingest/servers.rs`. Day and month of `12/01/2026`: `ingest/dates.rs`. How a history and a log that tell the same stay one story: `ingest/twice.rs`.
//! - What is shown, before pixels: [`render::scene`]. How it is painted, once for PNG and SVG:
//!   [`render::picture`] on a [`render::drawing`].
//! - The interactive timeline: `render/html/lanes.rs`
//!   and the three scripts beside it; its tests in a browser: `tests/page.rs`.
//! - Whether all that tells the truth: `tests/histories/`, a model of a Package Server with known causes.

pub mod analysis;
pub mod cli;
pub mod evidence;
pub mod ingest;
pub mod model;
pub mod redact;
pub mod render;
pub mod timeline;
