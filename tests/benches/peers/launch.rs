//! What a program and all that it starts use.
//!
//! The kernel counts a process's peak memory from before it becomes another program, so a child of
//! this process, with its sandboxes, would be charged for them. A small process in between, this
//! same program told to [`launch`], starts what is measured and writes down what the kernel says.

use std::io;
use std::process::{Command as Process, ExitCode};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ecs_pipeline_tests::Command;
use serde_json::{Value, json};
use wait4::Wait4;

/// The first argument of the small process.
pub(crate) const FLAG: &str = "--launch";

/// What a program used, with all that it started.
#[derive(Debug, Clone)]
pub(crate) struct Used {
    /// CPU time, of the user and of the system.
    pub(crate) cpu: Duration,
    /// The most memory that one of its processes had, in bytes.
    pub(crate) peak: u64,
    /// From its start to its end.
    pub(crate) wall: Duration,
    /// When it ended.
    pub(crate) ended: SystemTime,
    /// Its exit code; 255 when a signal ended it.
    pub(crate) code: u8,
    /// The last line it printed.
    pub(crate) last_line: String,
}

/// Runs the program that the arguments name, after the file that gets the report.
pub(crate) fn launch(mut arguments: impl Iterator<Item = String>) -> ExitCode {
    let report = arguments.next().expect("the report's path");
    let program = arguments.next().expect("a program");
    let mut process = Process::new(program);
    let measured = measure_process(process.args(arguments)).expect("the program starts");
    std::fs::write(report, measured.to_string()).expect("the report can be written");
    ExitCode::SUCCESS
}

fn measure_process(process: &mut Process) -> io::Result<Value> {
    let began = Instant::now();
    let used = process.spawn()?.wait4()?;
    let wall = began.elapsed();
    let ended = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Ok(json!({
        "cpu": (used.rusage.utime + used.rusage.stime).as_secs_f64(),
        "peak": used.rusage.maxrss,
        "wall": wall.as_secs_f64(),
        "ended": ended.as_secs_f64(),
        "code": used.status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX),
    }))
}

/// Runs a command of this program, told to [`launch`], whose report goes to the last path.
pub(crate) async fn measure((command, report): (Command, std::path::PathBuf)) -> Used {
    let outcome = command.limit(Duration::from_secs(1800)).succeed().await;
    let text = std::fs::read(&report).expect("the small process reports");
    let measured: Value = serde_json::from_slice(&text).expect("the report is JSON");
    let seconds = |name: &str| Duration::from_secs_f64(measured[name].as_f64().unwrap());
    let said = [outcome.stdout, outcome.stderr].concat();
    Used {
        cpu: seconds("cpu"),
        peak: measured["peak"].as_u64().unwrap(),
        wall: seconds("wall"),
        ended: UNIX_EPOCH + seconds("ended"),
        code: measured["code"].as_u64().unwrap().try_into().unwrap(),
        last_line: said.trim().lines().last().unwrap_or_default().to_owned(),
    }
}
