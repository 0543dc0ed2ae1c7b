//! Which server a file speaks of: by its records, by its folder, or because there is only one.
//!
//! Two servers in one bundle must never become one history, so a file without a name of its own is
//! given to a server only where its folders leave no other.

use super::File;
use super::parsers::Parsed;
use crate::model::Server;
use std::collections::{BTreeMap, BTreeSet};

/// The servers of a bundle and where they are named.
pub struct Servers {
    /// Folded name to the spelling that is used.
    spelling: BTreeMap<String, Server>,
    /// By folder, with its separator behind.
    folders: BTreeMap<String, Holds>,
    /// Whether a log that names no server lies outside of all folders that are named by one.
    stray_log: bool,
}

/// The folded servers that a folder names in its files.
#[derive(Default)]
struct Holds {
    /// In logs in the folder itself.
    logs: BTreeSet<String>,
    /// In registry exports in the folder itself.
    machines: BTreeSet<String>,
    /// Anywhere below, but for what lies in a sub-folder that is named by a server.
    below: BTreeSet<String>,
}

impl Servers {
    pub fn of(files: &[File]) -> Servers {
        let mut counts: BTreeMap<String, BTreeMap<Server, u64>> = BTreeMap::new();
        let mut places: Vec<(&str, String, bool)> = Vec::new();
        let mut nameless: Vec<&str> = Vec::new();
        for file in files {
            match &file.parsed {
                Parsed::Log(facts, _) => {
                    // A history may be of all servers that a console knows.
                    let is_history = file.kind == "ps-history";
                    for (host, count) in &facts.hosts {
                        *counts
                            .entry(folded(host))
                            .or_default()
                            .entry(host.clone())
                            .or_default() += count;
                        if !is_history {
                            places.push((&file.rooted, folded(host), false));
                        }
                    }
                    if facts.hosts.is_empty() && facts.records > 0 && !is_history {
                        nameless.push(&file.rooted);
                    }
                }
                Parsed::Registry(registry) => {
                    if let Some(machine) = &registry.machine {
                        counts
                            .entry(folded(machine))
                            .or_default()
                            .entry(machine.as_str().into())
                            .or_default();
                        places.push((&file.rooted, folded(machine), true));
                    }
                }
                _ => {}
            }
        }
        let spelling: BTreeMap<String, Server> = counts
            .into_iter()
            .filter_map(|(folded, spellings)| {
                // The most frequent spelling; of equals, the first in order.
                let best = spellings
                    .into_iter()
                    .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)))?;
                Some((folded, best.0))
            })
            .collect();
        let mut servers = Servers {
            spelling,
            folders: BTreeMap::new(),
            stray_log: false,
        };
        for (path, host, is_machine) in places {
            for (depth, folder) in ancestors(path).into_iter().enumerate() {
                let named = servers.named(&folder).is_some();
                let holds = servers.folders.entry(folder).or_default();
                if depth == 0 && is_machine {
                    holds.machines.insert(host.clone());
                } else if depth == 0 {
                    holds.logs.insert(host.clone());
                }
                holds.below.insert(host.clone());
                if named {
                    break;
                }
            }
        }
        servers.stray_log = nameless.iter().any(|path| {
            ancestors(path)
                .iter()
                .all(|folder| servers.named(folder).is_none())
        });
        servers
    }

    /// The spelling that is used of a server's name.
    pub fn spelled(&self, host: &str) -> Option<Server> {
        self.spelling.get(&folded(host)).cloned()
    }

    /// The server of a file that names none: of the nearest folder that is named by one, or that
    /// holds one.
    /// `path` is a [`File::rooted`] one.
    pub fn of_path(&self, path: &str) -> Option<Server> {
        for folder in ancestors(path) {
            if let Some(server) = self.named(&folder) {
                return Some(server);
            }
            let Some(holds) = self.folders.get(&folder) else {
                continue;
            };
            // What lies in the folder itself speaks for it before what lies deeper.
            for hosts in [&holds.logs, &holds.machines, &holds.below] {
                match (hosts.len(), hosts.first()) {
                    (0, _) => {}
                    (1, Some(host)) => return self.spelling.get(host).cloned(),
                    _ => return None,
                }
            }
        }
        // The only server of all, unless there is a log that may be of another.
        match (self.spelling.len(), self.spelling.values().next()) {
            (1, Some(only)) if !self.stray_log => Some(only.clone()),
            _ => None,
        }
    }

    /// The server of an IIS log: that of its column `s-computername`, else that of its path. Where
    /// no other evidence names a server, there is none to be told apart.
    pub fn of_requests(&self, path: &str, computer: Option<&str>) -> Option<Server> {
        match computer {
            Some(name) if !self.spelling.is_empty() => {
                self.spelled(name).or_else(|| Some(name.into()))
            }
            _ => self.of_path(path),
        }
    }

    /// The server that a folder or an archive is named by.
    fn named(&self, folder: &str) -> Option<Server> {
        let name = folder
            .trim_end_matches(['/', '!'])
            .rsplit(['/', '!'])
            .next()
            .unwrap_or_default();
        let name = name.split('\0').next().unwrap_or_default();
        self.spelled(name)
    }
}

/// `PS01`, `ps01.corp.example` and `PS01.zip` are the same server; addresses stay whole.
fn folded(host: &str) -> String {
    let host = host.trim().to_lowercase();
    let is_address = host
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b':'));
    match host.split_once('.') {
        Some((label, _)) if !is_address && !label.is_empty() => label.to_owned(),
        _ => host,
    }
}

/// The folders of a path, innermost first, each with its separator behind.
fn ancestors(path: &str) -> Vec<String> {
    let ends = path
        .char_indices()
        .filter(|(_, letter)| ['/', '!'].contains(letter));
    let mut all: Vec<String> = ends.map(|(place, _)| path[..=place].to_owned()).collect();
    all.reverse();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::parsers::agent_log::LogFacts;
    use crate::ingest::parsers::registry::RegistryFacts;

    /// Files by path: `log HOST`, `log`, `registry HOST`.
    fn servers(files: &[(&str, &str)]) -> Servers {
        let files: Vec<File> = files
            .iter()
            .map(|(path, what)| {
                let host = what.split_once(' ').map(|(_, host)| host);
                let parsed = if what.starts_with("log") {
                    let hosts = host.map(|host| (Server::from(host), 5)).into_iter();
                    let facts = LogFacts {
                        records: 5,
                        hosts: hosts.collect(),
                        ..LogFacts::default()
                    };
                    Parsed::Log(Box::new(facts), Box::default())
                } else {
                    Parsed::Registry(RegistryFacts {
                        machine: host.map(str::to_owned),
                        ..RegistryFacts::default()
                    })
                };
                File {
                    path: (*path).to_owned(),
                    rooted: (*path).to_owned(),
                    root: 0,
                    modified: None,
                    kind: "",
                    sha256: String::new(),
                    bytes: 0,
                    parsed,
                    defects: Vec::new(),
                    proofs: (0, 0),
                    doubtful: None,
                }
            })
            .collect();
        Servers::of(&files)
    }

    fn of(servers: &Servers, path: &str) -> String {
        servers
            .of_path(path)
            .map_or("none".to_owned(), |server| server.to_string())
    }

    #[test]
    fn a_registry_names_its_tree_but_not_the_folder_of_another() {
        let known = servers(&[
            ("e/registry.reg", "registry BER-PS-02"),
            ("e/PS77/Agent.log", "log PS77"),
            ("e/Logs/Agent log.txt", "log"),
        ]);
        assert_eq!(of(&known, "e/Logs/Agent log.txt"), "BER-PS-02");
        assert_eq!(of(&known, "e/captures/a/snapshot.xml"), "BER-PS-02");
        assert_eq!(of(&known, "e/PS77/captures/snapshot.xml"), "PS77");
        // Also where the folder of the other has a name that says nothing.
        let known = servers(&[
            ("e/registry.reg", "registry BER-PS-02"),
            ("e/second/Agent.log", "log PS77"),
        ]);
        assert_eq!(of(&known, "e/captures/snapshot.xml"), "BER-PS-02");
        assert_eq!(of(&known, "e/second/snapshot.xml"), "PS77");
    }

    #[test]
    fn one_server_has_everything() {
        for files in [
            &[("e/PS01/Logs/a.log", "log PS01")][..],
            &[
                ("e/Logs/a.log", "log PS01"),
                ("e/r.reg", "registry ps01.corp"),
            ],
            &[
                ("e/PS01/a.log", "log PS01"),
                ("e/PS01/r.reg", "registry PS01"),
            ],
        ] {
            let known = servers(files);
            assert_eq!(of(&known, "e/captures/snapshot.xml"), "PS01");
            assert_eq!(of(&known, "other.zip!snapshot.xml"), "PS01");
        }
    }

    #[test]
    fn where_it_could_be_either_it_is_neither() {
        let known = servers(&[("e/a.log", "log PS01"), ("e/b.log", "log PS02")]);
        assert_eq!(of(&known, "e/snapshot.xml"), "none");
        let known = servers(&[("e/x/a.log", "log PS01"), ("e/y/b.log", "log PS02")]);
        assert_eq!(of(&known, "e/captures/snapshot.xml"), "none");
        assert_eq!(of(&known, "e/y/snapshot.xml"), "PS02");
        // A log of nobody beside the folder of a server may be of another.
        let known = servers(&[("e/PS01/a.log", "log PS01"), ("e/Logs/copy.txt", "log")]);
        assert_eq!(of(&known, "e/Logs/copy.txt"), "none");
        assert_eq!(of(&known, "e/PS01/snapshot.xml"), "PS01");
    }

    #[test]
    fn archives_and_full_names_name_a_server() {
        let known = servers(&[
            ("e/PS01.zip!a.log", "log ps01.corp.example"),
            ("e/10.0.0.7/a.log", "log 10.0.0.7"),
        ]);
        assert_eq!(of(&known, "e/PS01.zip!snapshot.xml"), "ps01.corp.example");
        assert_eq!(of(&known, "e/10.0.0.7/snapshot.xml"), "10.0.0.7");
        assert_eq!(of(&known, "e/10.0.0.8/snapshot.xml"), "none");
    }
}
