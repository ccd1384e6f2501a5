//! What was measured, side by side.

use std::collections::BTreeMap;
use std::time::SystemTime;

use crate::Scenario;
use crate::launch::Used;
use crate::options::Options;
use crate::peers::Peer;

/// One deployment by one program.
#[derive(Debug)]
pub(crate) struct Run {
    peer: Peer,
    used: Used,
    calls: BTreeMap<String, u64>,
    /// Seconds from the true end of the rollout to the program's: negative when it left before.
    late: f64,
    /// Whether its exit code tells what became of the new revision.
    right: Option<bool>,
}

impl Run {
    pub(crate) fn new(
        peer: Peer,
        scenario: Scenario,
        used: Used,
        calls: BTreeMap<String, u64>,
        ended: SystemTime,
    ) -> Self {
        let late = match used.ended.duration_since(ended) {
            Ok(late) => late.as_secs_f64(),
            Err(early) => -early.duration().as_secs_f64(),
        };
        let right = match scenario {
            // It does not say what becomes of it.
            Scenario::NoWait => None,
            Scenario::Good => Some(used.code == 0),
            Scenario::CrashLoop | Scenario::Unhealthy => Some(used.code != 0),
        };
        Self {
            peer,
            used,
            calls,
            late,
            right,
        }
    }

    /// One line, for whoever waits.
    pub(crate) fn summary(&self) -> String {
        format!(
            "{:.1} s, {} calls, {:+.2} s after the end, exit code {}",
            self.used.wall.as_secs_f64(),
            self.calls.values().sum::<u64>(),
            self.late,
            self.used.code
        )
    }
}

/// A column of numbers.
struct Column {
    name: &'static str,
    decimals: usize,
    value: fn(&Run) -> f64,
}

const COLUMNS: [Column; 5] = [
    Column {
        name: "CPU s",
        decimals: 3,
        value: |run| run.used.cpu.as_secs_f64(),
    },
    Column {
        name: "peak MiB",
        decimals: 1,
        value: |run| run.used.peak as f64 / f64::from(1 << 20),
    },
    Column {
        name: "API calls",
        decimals: 0,
        value: |run| run.calls.values().sum::<u64>() as f64,
    },
    Column {
        name: "wall s",
        decimals: 1,
        value: |run| run.used.wall.as_secs_f64(),
    },
    Column {
        name: "s after the end",
        decimals: 2,
        value: |run| run.late,
    },
];

/// What one column says of one program's runs.
#[derive(Debug, Clone, Copy)]
struct Spread {
    median: f64,
    least: f64,
    most: f64,
}

impl Spread {
    fn of(runs: &[&Run], value: fn(&Run) -> f64) -> Self {
        let mut values: Vec<f64> = runs.iter().map(|run| value(run)).collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let median = if values.len().is_multiple_of(2) {
            f64::midpoint(values[middle - 1], values[middle])
        } else {
            values[middle]
        };
        Self {
            median,
            least: values[0],
            most: values[values.len() - 1],
        }
    }

    /// `MEDIAN [LEAST to MOST]`
    fn shown(self, decimals: usize) -> String {
        format!(
            "{:.decimals$} [{:.decimals$} to {:.decimals$}]",
            self.median, self.least, self.most
        )
    }
}

/// Prints a scenario.
pub(crate) fn print(scenario: Scenario, peers: &[Peer], runs: &[Run]) {
    println!("\n{}\n", title(scenario));
    let of = |peer: Peer| {
        runs.iter()
            .filter(|run| run.peer == peer)
            .collect::<Vec<_>>()
    };
    let ours = of(Peer::Ours);
    print_row("", peers.iter().map(|peer| peer.name().to_owned()));
    for column in &COLUMNS {
        let waits = scenario != Scenario::NoWait;
        if column.name == "s after the end" && !waits {
            continue;
        }
        let spreads = peers
            .iter()
            .map(|&peer| Spread::of(&of(peer), column.value));
        let spreads: Vec<_> = spreads.collect();
        print_row(
            column.name,
            spreads.iter().map(|one| one.shown(column.decimals)),
        );
        if ["CPU s", "peak MiB", "API calls"].contains(&column.name) {
            let base = Spread::of(&ours, column.value).median;
            let ratios = spreads
                .iter()
                .map(|one| format!("{:.1}", one.median / base));
            print_row("  times ours", ratios);
        }
    }
    print_row("exit codes", peers.iter().map(|&peer| codes(&of(peer))));
    print_row(
        "right verdict",
        peers.iter().map(|&peer| verdicts(&of(peer))),
    );
    println!();
    for &peer in peers {
        if let Some(last) = of(peer).last() {
            println!("{} called: {}", peer.name(), operations(&last.calls));
            println!("{} said last: {}", peer.name(), last.used.last_line);
        }
    }
}

fn title(scenario: Scenario) -> &'static str {
    match scenario {
        Scenario::NoWait => "A rollout is started; nobody waits for it",
        Scenario::Good => "The new revision is well; everybody waits",
        Scenario::CrashLoop => "The new revision crashes; ECS rolls back; everybody waits",
        Scenario::Unhealthy => "The new revision is unhealthy; ECS rolls back; everybody waits",
    }
}

fn print_row(name: &str, cells: impl Iterator<Item = String>) {
    let cells: String = cells.map(|cell| format!("{cell:>28}")).collect();
    println!("{name:<16}{cells}");
}

fn codes(runs: &[&Run]) -> String {
    let codes: Vec<String> = runs.iter().map(|run| run.used.code.to_string()).collect();
    codes.join(" ")
}

fn verdicts(runs: &[&Run]) -> String {
    let right = runs.iter().filter(|run| run.right == Some(true)).count();
    match runs.iter().all(|run| run.right.is_none()) {
        true => "-".to_owned(),
        false => format!("{right} of {}", runs.len()),
    }
}

fn operations(calls: &BTreeMap<String, u64>) -> String {
    let each = calls
        .iter()
        .map(|(operation, count)| format!("{operation} {count}"));
    each.collect::<Vec<_>>().join(", ")
}

/// Prints what it was measured with.
pub(crate) fn print_machine(peers: &[Peer], options: &Options) {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("{cores} cores; load average before: {}", load.trim());
    for peer in peers {
        println!("{}: {}", peer.name(), peer.version(&options.binary));
    }
    println!(
        "{} repetitions, each: {}; median [least to most]",
        options.repetitions,
        peers
            .iter()
            .map(|peer| peer.name())
            .collect::<Vec<_>>()
            .join(", then ")
    );
}
