//! A package's folder in an advice: named for people, quoted for PowerShell, or looked up first.

use super::step;
use crate::analysis::redownload::CaseFile;
use crate::model::Step;

/// The package's folder, for people and for PowerShell.
pub(super) struct Folder {
    /// The machine that has it.
    pub(super) owner: String,
    pub(super) place: String,
    /// An expression whose value is the physical path.
    pub(super) value: String,
    /// How to learn it where the evidence does not say.
    pub(super) find: Vec<Step>,
}

impl Folder {
    pub(super) fn of(case: &CaseFile<'_>) -> Folder {
        let server = case
            .server
            .as_ref()
            .map_or_else(|| "the Package Server".to_owned(), ToString::to_string);
        match &case.location {
            Some(known) => Folder::at(&server, &known.value),
            None => Folder {
                owner: server.clone(),
                place: format!("{server}, the package's folder, which the evidence does not name"),
                value: "'PUT THE FOLDER HERE'".to_owned(),
                find: vec![step(
                    &format!(
                        "find the package's folder: it is the physicalPath of pkggroup_{{{}}}",
                        case.package
                    ),
                    r#"& "$env:windir\system32\inetsrv\appcmd.exe" list vdir"#,
                )],
            },
        }
    }

    /// A share is not where files are audited: its folder is asked from the server itself.
    pub(super) fn at(server: &str, path: &str) -> Folder {
        let plain = path
            .strip_prefix(r"\\?\UNC\")
            .map(|rest| format!(r"\\{rest}"));
        let plain = plain.as_deref().unwrap_or(path);
        let plain = plain.strip_prefix(r"\\?\").unwrap_or(plain);
        let Some(unc) = plain.strip_prefix(r"\\") else {
            return Folder {
                owner: server.to_owned(),
                place: format!("{server}, {path}"),
                value: quoted(plain),
                find: Vec::new(),
            };
        };
        let mut parts = unc.splitn(3, '\\');
        let host = parts.next().unwrap_or_default();
        let share = parts.next().unwrap_or_default();
        let below = parts.next().unwrap_or_default().trim_end_matches('\\');
        let folder = format!("(Get-SmbShare -Name {}).Path", quoted(share));
        let value = if below.is_empty() {
            folder.clone()
        } else {
            format!("Join-Path {folder} {}", quoted(below))
        };
        let owner = if host.eq_ignore_ascii_case("%COMPUTERNAME%") {
            server
        } else {
            host
        };
        Folder {
            owner: owner.to_owned(),
            place: format!("{owner}, the physical folder of {path}"),
            value,
            find: vec![step(
                &format!("on {owner}: see that the share has one physical folder"),
                folder,
            )],
        }
    }

    /// The value as one argument of a command.
    pub(super) fn argument(&self) -> String {
        if self.value.starts_with('\'') {
            self.value.clone()
        } else {
            format!("({})", self.value)
        }
    }
}

/// A text as a PowerShell string that nothing in it can leave.
///
/// PowerShell ends a string in single quotes at typographic quotes too, so all are doubled.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("'");
    for one in text.chars() {
        if matches!(one, '\'' | '\u{2018}'..='\u{201b}') {
            out.push(one);
        }
        out.push(one);
    }
    out + "'"
}
