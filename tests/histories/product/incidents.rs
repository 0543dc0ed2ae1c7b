//! What befalls a package on one day, and what the server writes about it.

use super::{
    At, Captured, Chance, DAY, Failing, HOUR, History, I, Incident, MINUTE, Paper, SECOND,
    new_package,
};
use crate::histories::wording::Say;

impl History {
    pub(super) fn befall(
        &mut self,
        chance: &mut Chance,
        package: usize,
        incident: Incident,
        check: At,
        between: At,
    ) -> At {
        let sure = |cause: &'static str| (true, vec![cause], incident);
        match incident {
            I::Nothing | I::First => {
                let one = &self.packages[package];
                let (version, files) = (one.local_version, one.local.len());
                self.tell(check, package, Say::SnapshotSame(version));
                if chance.percent(50) {
                    self.tell(check + 100, package, Say::Verified(files));
                }
                self.tell(check + 300, package, Say::Seen("Ready"));
                if chance.percent(30) {
                    self.listing(package, check + 2 * HOUR);
                }
                check + SECOND
            }
            I::NewVersion | I::OldVersionBack => {
                let by = chance.between(2_000, 90_000);
                self.new_version(
                    chance,
                    package,
                    if incident == I::NewVersion { by } else { -by },
                );
                if chance.percent(60) {
                    self.required(check - 2 * SECOND, package);
                }
                if chance.percent(20) {
                    // The files of the new version are not there yet.
                    let say = Say::Missing(1, self.packages[package].files.len());
                    self.tell(check - 900, package, say);
                }
                self.download(chance, package, check, sure("version-change"), None)
            }
            I::Rebuilt => {
                self.packages[package].files[0].hash = chance.hash();
                if chance.percent(50) {
                    self.tell(check - SECOND, package, Say::VerifyFailed);
                }
                self.download(chance, package, check, sure("hash-change"), None)
            }
            I::SourceMoved => {
                let from = self.packages[package].source.clone();
                let to = from.replacen("ns01", &format!("nas{:02}", 2 + chance.below(7)), 1) + "x";
                self.packages[package].source = to.clone();
                if chance.percent(60) {
                    self.tell(check - 2 * SECOND, package, Say::SourceMoved { from, to });
                }
                if chance.percent(30) {
                    self.new_version(chance, package, 4_321);
                }
                self.download(chance, package, check, sure("path-change"), None)
            }
            I::Moved => {
                let from = self.packages[package].location.clone();
                let to = format!(
                    r"F:\Neu{}\{}",
                    chance.below(99),
                    self.packages[package].name.replace(' ', "")
                );
                self.packages[package].location = to.clone();
                self.tell(check - 2 * SECOND, package, Say::Moved { from, to });
                self.packages[package].on_disk.clear();
                self.missed(chance, package, check - SECOND);
                self.download(chance, package, check, sure("path-change"), None)
            }
            I::Removed | I::SomeRemoved | I::RemovedThenForced => {
                self.remove(chance, package, between, incident != I::SomeRemoved);
                if incident == I::RemovedThenForced {
                    self.tell(check - 5 * SECOND, package, Say::Forced);
                }
                if chance.percent(50) {
                    let version = self.packages[package].local_version;
                    self.tell(check - 2 * SECOND, package, Say::SnapshotSame(version));
                }
                self.missed(chance, package, check - SECOND);
                self.download(chance, package, check, sure("external-removal"), None)
            }
            I::VersionThenRemoved => {
                // The configuration changed in the day, and the log says so; then the files went.
                self.new_version(chance, package, 5_000);
                self.required(between - 5 * MINUTE, package);
                self.remove(chance, package, between, true);
                self.missed(chance, package, check - SECOND);
                self.download(chance, package, check, sure("version-change"), None)
            }
            I::RemovedThenVersion => {
                self.remove(chance, package, between, true);
                self.new_version(chance, package, 5_000);
                self.missed(chance, package, check - SECOND);
                self.required(check - 500, package);
                // Nothing says when the version rose, only that it was known after the removal was.
                let either = (
                    true,
                    vec!["external-removal", "version-change", "undetermined"],
                    incident,
                );
                self.download(chance, package, check, either, None)
            }
            I::CleanedUp => self.clean_up(chance, package, incident, check),
            I::AssignedAgainInTime => {
                self.tell(check - SECOND, package, Say::Unassigned);
                self.tell(check - 700, package, Say::Marked);
                self.state(check - 690, package, "Deleted");
                self.mark(chance, package, check);
                let again = check + 5 * HOUR;
                self.tell(again, package, Say::Assigned);
                let files = self.packages[package].local.len();
                self.tell(again + 500, package, Say::Verified(files));
                self.state(again + SECOND, package, "Ready");
                again + 2 * SECOND
            }
            I::SiblingInTheSameFolder | I::SiblingInTheParentFolder | I::SiblingElsewhere => {
                self.sibling(chance, package, incident, check, between)
            }
            I::SnapshotDeleted => {
                let path = format!(
                    r"C:\Program Files\Altiris\Altiris Agent\Package Delivery\{{{}}}\snapshot.xml",
                    self.packages[package].id
                );
                self.tell(check - SECOND, package, Say::SnapshotGone(path));
                self.download(chance, package, check, sure("metadata-removal"), None)
            }
            I::Interrupted | I::Denied | I::Busy | I::Older => {
                // A new version starts the download, which fails; what comes after it was given up is the error's.
                let local = self.packages[package].local_version;
                self.new_version(chance, package, 3_000);
                let required = self.packages[package].version;
                self.required(check - 2 * SECOND, package);
                let (say, cause) = match incident {
                    I::Interrupted => (Say::Partial, "interrupted-download"),
                    I::Denied => (Say::Denied, "access-denied"),
                    I::Busy => (Say::Busy, "source-unavailable"),
                    _ => (
                        Say::Older {
                            server: local,
                            required,
                        },
                        "source-unavailable",
                    ),
                };
                let given_up = chance.percent(70);
                let failing = Failing { say, given_up };
                let end = self.download(
                    chance,
                    package,
                    check,
                    sure("version-change"),
                    Some(failing),
                );
                if given_up {
                    self.packages[package].given_up = Some(cause);
                }
                end
            }
            I::BusyAtTheCheck => {
                self.tell(check - 2 * SECOND, package, Say::Busy);
                self.download(chance, package, check, sure("source-unavailable"), None)
            }
            I::Forced | I::IntegrityAsked => {
                let say = if incident == I::Forced {
                    Say::Forced
                } else {
                    Say::IntegrityAsked
                };
                self.tell(check - 5 * SECOND, package, say);
                if chance.percent(50) {
                    let version = self.packages[package].local_version;
                    self.tell(check - 2 * SECOND, package, Say::SnapshotSame(version));
                }
                self.download(chance, package, check, sure("operator-action"), None)
            }
        }
    }

    /// PackageStatus.xml says Deleted; somebody copies it.
    fn mark(&mut self, chance: &mut Chance, package: usize, marked: At) {
        let paper = Paper::Status {
            package,
            state: "Deleted",
            since: marked,
        };
        let server = self.packages[package].server;
        self.papers.push(Captured {
            at: marked + chance.between(HOUR, 2 * HOUR),
            server,
            paper,
        });
    }

    fn clean_up(
        &mut self,
        chance: &mut Chance,
        package: usize,
        incident: Incident,
        check: At,
    ) -> At {
        self.tell(check - SECOND, package, Say::Unassigned);
        self.tell(check - 700, package, Say::Marked);
        self.state(check - 690, package, "Deleted");
        self.mark(chance, package, check);
        let files = self.packages[package].local.len();
        // The refresh after the time is over.
        let cleaned = check + self.unused_days * DAY + 10 * MINUTE;
        let server = self.packages[package].server;
        self.say(cleaned - SECOND, server, None, Say::Refresh);
        self.tell(cleaned, package, Say::CleanedUp(files));
        self.packages[package].on_disk.clear();
        self.listing(package, cleaned + 30 * MINUTE);
        let again = cleaned + 2 * HOUR;
        self.tell(again - SECOND, package, Say::Assigned);
        self.missed(chance, package, again - 500);
        self.packages[package].over = true;
        self.download(
            chance,
            package,
            again,
            (true, vec!["product-cleanup"], incident),
            None,
        )
    }

    fn sibling(
        &mut self,
        chance: &mut Chance,
        package: usize,
        incident: Incident,
        check: At,
        between: At,
    ) -> At {
        let own = self.packages[package].location.clone();
        // Nobody shares the agent's own folder of a package.
        let alone = own.contains(&self.packages[package].id);
        let parent = own
            .rsplit_once('\\')
            .map_or(own.as_str(), |(parent, _)| parent)
            .to_owned();
        // A folder above several packages would make its clean-up a suspect for all of them.
        let above_others = self
            .packages
            .iter()
            .enumerate()
            .any(|(other, one)| other != package && one.location.starts_with(&parent));
        let incident = match incident {
            _ if alone => I::SiblingElsewhere,
            I::SiblingInTheParentFolder if above_others => I::SiblingInTheSameFolder,
            incident => incident,
        };
        let server = self.packages[package].server;
        let mut other = new_package(chance, self.packages.len(), server);
        other.over = true;
        other.location = match incident {
            I::SiblingInTheSameFolder => own.clone(),
            I::SiblingInTheParentFolder => parent,
            _ => format!(r"G:\Anderswo\{}", other.name.replace(' ', "")),
        };
        let (id, location) = (other.id.clone(), other.location.clone());
        self.packages.push(other);
        let sibling = self.packages.len() - 1;
        self.tell(between - 40 * MINUTE, sibling, Say::Located(location));
        self.tell(between - 39 * MINUTE, sibling, Say::Seen("Ready"));
        self.tell(between - 30 * MINUTE, sibling, Say::Marked);
        self.say(between - 3 * SECOND, server, None, Say::CleanupStarted);
        self.say(between - SECOND, server, None, Say::CleanedOther(id));
        // The other package's own files go, and with them this one's.
        let all = incident == I::SiblingInTheSameFolder || chance.percent(50);
        self.remove(chance, package, between, all);
        self.missed(chance, package, check - SECOND);
        let cause = if incident == I::SiblingElsewhere {
            "external-removal"
        } else {
            "sibling-cleanup"
        };
        self.download(chance, package, check, (true, vec![cause], incident), None)
    }
}
