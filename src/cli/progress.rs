//! The bar on standard error while evidence is read: bytes, rate and the file.
//!
//! Nothing is drawn where nobody looks (a pipe, a file, `--quiet`) and of work that is done before
//! a reader could look. The reading threads only add to a counter; another thread draws.

use super::arguments::Reading;
use super::colour;
use super::output::clean;
use crate::evidence::size_on_disk;
use crate::model::Progress;
use crate::model::lock::locked;
use crate::render::terminal::fit;
use crate::render::words::progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// Work that is shorter needs no bar.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often the bar is drawn.
const EVERY: Duration = Duration::from_millis(100);
/// Columns of the file's name: what the rest of the bar leaves of 80.
const NAME: usize = 24;
const LAYOUT: &str =
    "[{bar:10}] {binary_bytes:>10} of {binary_total_bytes} {binary_bytes_per_sec:>12} {wide_msg}";

/// Whether a bar stands on the terminal.
static DRAWN: AtomicBool = AtomicBool::new(false);

/// Leaves the bar's line, for a program that ends now and will not clear it.
pub fn leave() {
    if DRAWN.load(Ordering::Relaxed) {
        eprintln!();
    }
}

/// Does `work` and tells how far it is. `-v` names each file, with or without a bar.
pub fn during<T>(
    evidence: &[PathBuf],
    reading: &Reading,
    work: impl FnOnce(&dyn Progress) -> T,
) -> T {
    // While it is read, nobody knows yet which names are identities; they are told afterwards.
    let listener = Listener {
        hides_names: reading.redact,
        ..Listener::new(reading.verbose && !reading.redact)
    };
    if reading.quiet || !std::io::stderr().is_terminal() {
        return work(&listener);
    }
    std::thread::scope(|scope| {
        let (working, end) = channel::<()>();
        let listener = &listener;
        let total = || size_on_disk(evidence);
        scope.spawn(move || watch(listener, total, ProgressDrawTarget::stderr, end, PATIENCE));
        let result = work(listener);
        // Ends the drawing, also when the work panics: nothing is ever sent.
        drop(working);
        result
    })
}

/// What the reading threads tell, and the bar that messages must not run into.
struct Listener {
    bar: ProgressBar,
    read: AtomicU64,
    path: Mutex<String>,
    verbose: bool,
    hides_names: bool,
}

impl Listener {
    fn new(verbose: bool) -> Listener {
        Listener {
            bar: ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
            read: AtomicU64::new(0),
            path: Mutex::new(String::new()),
            verbose,
            hides_names: false,
        }
    }

    fn draw(&self) {
        let path = locked(&self.path);
        let read = self.read.load(Ordering::Relaxed);
        self.bar.set_message(if self.bar.length() == Some(read) {
            progress::READ.to_owned()
        } else {
            fit(&clean(&path), NAME)
        });
        drop(path);
        self.bar.set_position(read);
        self.bar.tick();
    }
}

impl Progress for Listener {
    fn file(&self, path: &str) {
        if self.verbose {
            self.bar
                .suspend(|| colour::tell(colour::PLAIN, "reading", &clean(path)));
        }
        if self.hides_names {
            return;
        }
        let mut now = locked(&self.path);
        path.clone_into(&mut now);
    }

    fn read(&self, bytes: u64) {
        self.read.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// Draws until `end`, if that does not come within `patience`; leaves an empty line behind.
fn watch(
    listener: &Listener,
    total: impl FnOnce() -> u64,
    target: impl FnOnce() -> ProgressDrawTarget,
    end: Receiver<()>,
    patience: Duration,
) {
    let goes_on = |time| matches!(end.recv_timeout(time), Err(RecvTimeoutError::Timeout));
    if !goes_on(patience) {
        return;
    }
    let bar = &listener.bar;
    bar.set_length(total());
    if let Ok(style) = ProgressStyle::with_template(LAYOUT) {
        bar.set_style(style.progress_chars("#>-"));
    }
    listener.draw();
    bar.set_draw_target(target());
    DRAWN.store(true, Ordering::Relaxed);
    loop {
        listener.draw();
        if !goes_on(EVERY) {
            break;
        }
    }
    bar.finish_and_clear();
    DRAWN.store(false, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::text::is_treacherous;
    use indicatif::TermLike;
    use std::io::Result;
    use std::sync::Arc;

    /// A terminal that keeps what it is told to print.
    #[derive(Debug, Clone, Default)]
    struct Screen(Arc<Mutex<Vec<String>>>);

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            80
        }
        fn move_cursor_up(&self, _: usize) -> Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> Result<()> {
            self.write_str(text)
        }
        fn write_str(&self, text: &str) -> Result<()> {
            self.0.lock().unwrap().push(text.to_owned());
            Ok(())
        }
        fn clear_line(&self) -> Result<()> {
            self.0.lock().unwrap().push("<cleared>".to_owned());
            Ok(())
        }
        fn flush(&self) -> Result<()> {
            Ok(())
        }
    }

    fn target(screen: &Screen) -> ProgressDrawTarget {
        ProgressDrawTarget::term_like(Box::new(screen.clone()))
    }

    #[test]
    fn the_bar_tells_bytes_rate_and_a_harmless_short_name() {
        let screen = Screen::default();
        let listener = Listener::new(false);
        let evil: String = ('\0'..='\u{9f}').chain(['\u{202e}', '\u{2066}']).collect();
        listener.file(&format!("bundle.zip!{evil}{}Agent.log", "漢字".repeat(60)));
        listener.read(3 << 20);
        let (working, end) = channel::<()>();
        std::thread::scope(|scope| {
            let (listener, screen) = (&listener, &screen);
            scope.spawn(move || {
                watch(
                    listener,
                    || 10 << 20,
                    || target(screen),
                    end,
                    Duration::ZERO,
                )
            });
            std::thread::sleep(Duration::from_millis(400));
            listener.read(1 << 20);
            std::thread::sleep(Duration::from_millis(400));
            listener.read(6 << 20);
            std::thread::sleep(Duration::from_millis(400));
            drop(working);
        });
        let printed = screen.0.lock().unwrap();
        let all = printed.join("\n");
        for word in [
            "3.00 MiB of 10.00 MiB",
            "4.00 MiB of 10.00 MiB",
            "/s",
            "bundle.zip",
            "gent.log",
            progress::READ,
            "…",
        ] {
            assert!(all.contains(word), "`{word}` is missing in {all}");
        }
        assert!(
            !all.chars().any(|one| one != '\n' && is_treacherous(one)),
            "{all:?}"
        );
        assert_eq!(printed.last().unwrap(), "<cleared>", "{all}");
    }

    #[test]
    fn short_work_draws_nothing_and_asks_nothing() {
        let listener = Listener::new(false);
        let (working, end) = channel::<()>();
        drop(working);
        let never = || -> u64 { panic!("the folders are walked") };
        let nowhere = || -> ProgressDrawTarget { panic!("a bar is drawn") };
        watch(&listener, never, nowhere, end, Duration::from_secs(60));
    }
}
