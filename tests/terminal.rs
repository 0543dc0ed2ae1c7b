//! What a person at a terminal meets: colours, progress, help, completions, near misses.

use crate::support::{pkgtrail, sample, text};
use std::path::Path;
use std::process::{Command, Output};

const ID: &str = "{1EC214B8-E862-44A9-B3A6-27D918D136A2}";

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Runs the program with these variables set.
fn run(at: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pkgtrail"));
    for name in ["COLUMNS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM"] {
        command.env_remove(name);
    }
    command.args(arguments).current_dir(at);
    command.envs(variables.iter().copied()).output().unwrap()
}

fn errors_of(at: &Path, arguments: &[&str]) -> String {
    let run = pkgtrail(at, arguments);
    assert_eq!(run.status.code(), Some(2), "{arguments:?}");
    text(&run.stderr)
}

#[test]
fn colours_come_when_they_are_asked_for_and_only_repeat_the_words() {
    let here = folder();
    let evidence = sample("external-removal").join("evidence");
    let report = ["report", evidence.to_str().unwrap(), "-o", "r"];
    let printed = |more: &[&str], variables: &[(&str, &str)]| {
        let arguments = [&report[..], more].concat();
        text(&run(here.path(), &arguments, variables).stdout)
    };
    let plain = printed(&[], &[]);
    assert!(!plain.contains('\x1b'), "a pipe gets no colours");
    assert_eq!(
        printed(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]),
        plain
    );
    let always = printed(&["--color", "always"], &[("NO_COLOR", "1")]);
    assert!(always.contains("\x1b[1mproven"), "{always:?}");
    assert_eq!(without_colours(&always), plain);
    assert_eq!(printed(&[], &[("CLICOLOR_FORCE", "1")]), always);
    let both = [("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")];
    assert_eq!(printed(&[], &both), plain, "NO_COLOR wins");

    let wrong = run(
        here.path(),
        &["report", "nowhere", "--color", "always"],
        &[],
    );
    let errors = text(&wrong.stderr);
    assert!(
        errors.contains("\x1b[1m\x1b[31merror:\x1b[0m "),
        "{errors:?}"
    );
    let plainly = ["report", "nowhere", "--color", "never"];
    let plainly = errors_of(here.path(), &plainly);
    assert!(plainly.starts_with("error: no file that can be read in `nowhere`"));
    assert_eq!(without_colours(&errors), plainly);
    let half = [&report[..], &["nowhere", "--color", "always"]].concat();
    let half = text(&run(here.path(), &half, &[]).stderr);
    assert!(
        half.starts_with("\x1b[1m\x1b[33mlost:\x1b[0m nowhere: "),
        "{half:?}"
    );
    let usage = run(
        here.path(),
        &["report", "--color", "never", "--since"],
        &[("CLICOLOR_FORCE", "1")],
    );
    assert!(!text(&usage.stderr).contains('\x1b'), "clap listens too");
    let help = run(here.path(), &["report", "--help", "--color=always"], &[]);
    assert!(text(&help.stdout).contains('\x1b'));
}

/// The text without the escapes that we print: `ESC [ digits ; m`.
fn without_colours(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(place) = rest.find("\x1b[") {
        out += &rest[..place];
        let code = &rest[place + 2..];
        let end = code
            .find(|one: char| !one.is_ascii_digit() && one != ';')
            .unwrap();
        assert_eq!(&code[end..=end], "m", "no colour: {:?}", &rest[place..]);
        rest = &code[end + 1..];
    }
    out + rest
}

/// Called as T20 of `tests/threats.rs`.
pub fn no_control_character_of_the_evidence_reaches_the_terminal() {
    let here = folder();
    let treacherous: Vec<char> = ('\0'..='\u{1f}')
        .chain('\u{7f}'..='\u{9f}')
        .chain('\u{202a}'..='\u{202e}')
        .chain('\u{2066}'..='\u{2069}')
        .collect();
    // In names of packages and texts of records; in names of files, as far as a disk takes them.
    let all: String = treacherous
        .iter()
        .collect::<String>()
        .replace(['\n', '\r'], "");
    let evil = format!("A{all}B\x1b[8mhidden\x1b]0;title\x07\u{9b}31m");
    let mut log = String::new();
    for (day, what) in [
        (5, "download started"),
        (6, "frobnicated"),
        (7, "download started"),
    ] {
        log += &format!(
            "<event date='2026-01-0{day}T10:00:00+01:00' severity='1' hostName='PS{evil}9' source='{evil}'><![CDATA[Package {ID} '{evil}' {what} {evil}]]></event>\n"
        );
    }
    std::fs::write(here.path().join("agent.log"), &log).unwrap();
    std::fs::write(
        here.path().join("snapshot.xml"),
        format!("<snapshot id='{ID}' name='{evil}' version='1601867730'><file name='{evil}' size='1'/></snapshot>"),
    )
    .unwrap();
    let mut name = evil.replace(['\0', '/'], "");
    name.truncate(name.char_indices().nth(70).map_or(name.len(), |(at, _)| at));
    if cfg!(unix) {
        std::fs::write(
            here.path().join(format!("{name}.log")),
            &log.as_bytes()[..300],
        )
        .unwrap();
        std::fs::write(here.path().join(format!("{name}.zip")), b"PK\x03\x04cut").unwrap();
    }
    let evil_path = format!("{name}.zip");
    let evil_path = if cfg!(unix) {
        evil_path.as_str()
    } else {
        "nowhere"
    };
    let wrong = format!("--{name}");
    let lists: [&[&str]; 11] = [
        &["report", ".", "-o", "../r", "-v"],
        &["report", ".", "-o", "../r"],
        &["report", evil_path],
        &[
            "report",
            ".",
            "--package",
            "2ec214b8-e862-44a9-b3a6-27d918d136a2",
        ],
        &["timeline", "."],
        &["timeline", evil_path, "-v"],
        &["messages", ".", "-v"],
        &["snapshots", ".", "-v"],
        &["explain", &name],
        &["report", ".", &wrong],
        &[&name, "."],
    ];
    let inner = here.path();
    let mut visible = 0;
    for colour in ["never", "always"] {
        for list in lists {
            let arguments = [list, &["--color", colour]].concat();
            let out = folder();
            let arguments: Vec<String> = arguments
                .iter()
                .map(|one| one.replace("../r", &out.path().join("r").to_string_lossy()))
                .collect();
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let run = run(inner, &arguments, &[]);
            for printed in [text(&run.stdout), text(&run.stderr)] {
                let ours = without_colours(&printed);
                visible += usize::from(
                    ["\u{fffd}", "\\u009b", "<U+"]
                        .iter()
                        .any(|shown| ours.contains(shown)),
                );
                let raw = ours
                    .chars()
                    .find(|one| *one != '\n' && treacherous.contains(one));
                assert_eq!(raw, None, "{list:?} {colour}: {ours:?}");
                // A sequence of the evidence would have been taken for one of ours.
                assert!(!printed.contains("\x1b[8m") && !printed.contains("\x1b[31m\u{fffd}"));
            }
        }
    }
    assert!(
        visible >= 16,
        "the evidence is hardly printed at all: {visible}"
    );
}

#[test]
fn a_pipe_gets_no_bar_and_v_names_each_file() {
    let here = folder();
    let evidence = sample("external-removal").join("evidence");
    let evidence = evidence.to_str().unwrap();
    let quiet = pkgtrail(here.path(), &["report", evidence, "-o", "r", "-q"]);
    assert_eq!(text(&quiet.stderr), "");
    let plain = text(&pkgtrail(here.path(), &["report", evidence, "-o", "r"]).stderr);
    assert!(!plain.contains("MiB") && !plain.contains('\r'), "{plain:?}");
    let loud = text(&pkgtrail(here.path(), &["report", evidence, "-o", "r", "-v"]).stderr);
    let named = loud
        .lines()
        .filter(|line| line.starts_with("reading evidence/"));
    let files = crate::support::files(Path::new(evidence));
    assert_eq!(named.count(), files.len(), "{loud}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_a_bar_of_long_work_that_leaves_no_trace() {
    let here = folder();
    assert!(
        Command::new("script").arg("--version").output().is_ok(),
        "`script` is missing; `tests/run` installs it"
    );
    // Larger than what is handed to another thread as a whole: it is parsed while it is read.
    let record = format!(
        "<event date='2026-01-05T10:00:00+01:00' severity='4' hostName='PS9' source='Agent'><![CDATA[Package {ID} frobnicated {}]]></event>\n",
        "x".repeat(1_000)
    );
    std::fs::write(here.path().join("agent.log"), record.repeat(30_000)).unwrap();
    let on_terminal = |more: &str| {
        let program = env!("CARGO_BIN_EXE_pkgtrail");
        let line = format!("{program} timeline agent.log -o events.jsonl {more}");
        let run = Command::new("script")
            .args(["-qec", &line, "typescript"])
            .current_dir(here.path())
            .env("TERM", "xterm")
            .output()
            .unwrap();
        assert!(run.status.success());
        text(&run.stdout)
    };
    let printed = on_terminal("");
    assert!(
        printed.contains(" of ") && printed.contains("MiB"),
        "{printed:?}"
    );
    assert!(
        printed.contains("/s") && printed.contains("agent.log"),
        "{printed:?}"
    );
    let last = printed.trim_end().rsplit('\r').next().unwrap_or_default();
    let last = last.strip_prefix("\x1b[2K").unwrap_or(last);
    assert!(
        last.ends_with("events in events.jsonl") && !last.contains("MiB"),
        "{last:?}"
    );
    assert!(!on_terminal("-q").contains("MiB"));
}

#[test]
fn near_misses_are_told() {
    let here = folder();
    let evidence = sample("external-removal").join("evidence");
    let evidence = evidence.to_str().unwrap();
    let says = |arguments: &[&str], words: &str| {
        let errors = errors_of(here.path(), arguments);
        assert!(errors.contains(words), "{arguments:?}: {errors}");
    };
    says(&["report", evidence, "--timezon", "UTC"], "--timezone");
    says(&["reprot", evidence], "report");
    says(
        &["report", evidence, "--timezone", "Berlin"],
        "did you mean `Europe/Berlin`?",
    );
    says(
        &["explain", "external-removel"],
        "did you mean `external-removal`?",
    );
    says(
        &["explain", "shared-foler"],
        "did you mean `shared-folder`?",
    );
    assert!(!errors_of(here.path(), &["explain", "sabotage"]).contains("did you mean"));
    std::fs::write(here.path().join("bundle.zip"), "").unwrap();
    says(&["report", "bundel.zip"], "did you mean `bundle.zip`?");
    assert!(!errors_of(here.path(), &["report", "elsewhere"]).contains("did you mean"));
    let wrong =
        |id: &str, words: &str| says(&["report", evidence, "-o", "r", "--package", id], words);
    // The same beginning; one letter wrong at the beginning; nothing like it.
    wrong(
        "254973ae-0000-0000-0000-000000000000",
        "did you mean 254973ae-",
    );
    wrong(
        "00000000-0000-0000-0000-000000000000",
        "Nordwind Drawing Suite 11",
    );
    let folder = std::fs::read_dir(here.path()).unwrap().count();
    assert_eq!(folder, 1, "nothing may be written");
    let found = pkgtrail(here.path(), &["explain", "Shared-Folder"]);
    assert!(text(&found.stdout).starts_with("shared-folder\n"));
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let here = folder();
    let commands = [
        "report",
        "timeline",
        "snapshots",
        "messages",
        "explain",
        "schema",
        "completions",
        "man",
    ];
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = pkgtrail(here.path(), &["completions", shell]);
        assert_eq!(run.status.code(), Some(0));
        let printed = text(&run.stdout);
        for word in commands.iter().chain(&["timezone", "format"]) {
            assert!(printed.contains(word), "{shell} lacks {word}");
        }
    }
    assert!(errors_of(here.path(), &["completions", "bsh"]).contains("bash"));
    let main = text(&pkgtrail(here.path(), &["man"]).stdout);
    for word in [".TH pkgtrail 1", "Examples", "Exit status", "report"] {
        assert!(main.contains(word), "`{word}` is missing in {main}");
    }
    let run = pkgtrail(here.path(), &["man", "pages"]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    for command in commands {
        let page = here.path().join(format!("pages/pkgtrail-{command}.1"));
        let page = std::fs::read_to_string(&page).unwrap();
        assert!(page.contains("Examples"), "{command}: {page}");
    }
    let same = |name: &str| std::fs::read(here.path().join("pages").join(name)).unwrap();
    let before = same("pkgtrail-report.1");
    pkgtrail(here.path(), &["man", "pages"]);
    assert!(before == same("pkgtrail-report.1"));
    #[cfg(unix)]
    {
        let mine = here.path().join("mine.txt");
        std::fs::write(&mine, "mine").unwrap();
        let page = here.path().join("pages/pkgtrail-report.1");
        std::fs::remove_file(&page).unwrap();
        std::os::unix::fs::symlink(&mine, &page).unwrap();
        let run = pkgtrail(here.path(), &["man", "pages"]);
        assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
        assert_eq!(std::fs::read(&mine).unwrap(), b"mine");
        assert!(before == same("pkgtrail-report.1"));
        let pages = std::fs::read_dir(here.path().join("pages")).unwrap();
        assert_eq!(pages.count(), commands.len() + 1);
    }
    std::fs::write(here.path().join("file"), "").unwrap();
    assert!(errors_of(here.path(), &["man", "file"]).contains("`file`"));
}
