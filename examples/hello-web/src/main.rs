//! A small web server to deploy: it says its version, answers health checks, and can be told to fail.
//!
//! | variable | meaning | default |
//! |---|---|---|
//! | `PORT` | where it listens | 8080 |
//! | `APP_VERSION` | what `/` says | dev |
//! | `HEALTH_STATUS` | status code of `/health` | 200 |
//! | `SLOW_MS` | pause before each answer but `/health`'s | 0 |
//! | `EXIT_AFTER_MS`, `EXIT_CODE` | crash after so many milliseconds, with this code | never, 1 |

use std::{
    env,
    io::{self, BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};

/// How long a request that has begun may take after SIGTERM. ECS sends SIGKILL 30 s after it.
const GRACE: Duration = Duration::from_secs(20);
const MAX_HEADERS: usize = 64 * 1024;

#[derive(Default)]
struct State {
    stopping: AtomicBool,
    busy: AtomicUsize,
}

struct Request {
    method: String,
    path: String,
    keep_alive: bool,
}

fn main() -> io::Result<()> {
    let port: u16 = number("PORT", 8080);
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))?;
    println!("hello-web {} listens on port {port}", version());
    let state = Arc::new(State::default());
    stop_on_signal(Arc::clone(&state))?;
    crash_if_told();
    for stream in listener.incoming().flatten() {
        let state = Arc::clone(&state);
        // A thread that cannot be started drops its connection; the server goes on.
        let _ = thread::Builder::new().spawn(move || serve(stream, &state));
    }
    Ok(())
}

/// Ends the process once the requests that have begun are answered. The listener stays open until
/// then: the load balancer sends requests until it has noticed that the target drains.
///
/// Without a handler the signal would be lost: the kernel ignores it for the first process of a container.
fn stop_on_signal(state: Arc<State>) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    thread::spawn(move || {
        signals.forever().next();
        println!("stopping");
        state.stopping.store(true, SeqCst);
        let begun = Instant::now();
        while state.busy.load(SeqCst) > 0 && begun.elapsed() < GRACE {
            thread::sleep(Duration::from_millis(10));
        }
        process::exit(0);
    });
    Ok(())
}

fn crash_if_told() {
    let Ok(delay) = env::var("EXIT_AFTER_MS") else {
        return;
    };
    let delay = delay.parse().unwrap_or(0);
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(delay));
        eprintln!("fatal: EXIT_AFTER_MS={delay} has passed, giving up");
        process::exit(number("EXIT_CODE", 1));
    });
}

/// Answers the requests of one connection, one after the other.
fn serve(stream: TcpStream, state: &State) {
    let _ = stream.set_nodelay(true);
    let Ok(mut writer) = stream.try_clone() else {
        return;
    };
    let mut reader = BufReader::new(stream);
    // The request counts as begun with its first byte.
    while reader.fill_buf().is_ok_and(|bytes| !bytes.is_empty()) {
        state.busy.fetch_add(1, SeqCst);
        let again = answer(&mut reader, &mut writer, state);
        state.busy.fetch_sub(1, SeqCst);
        if !matches!(again, Ok(true)) {
            return;
        }
    }
}

/// Answers one request, and says whether the connection stays open.
fn answer(
    reader: &mut BufReader<TcpStream>,
    writer: &mut TcpStream,
    state: &State,
) -> io::Result<bool> {
    let Some(request) = read_request(reader)? else {
        respond(writer, 400, "bad request\n", false, true)?;
        return Ok(false);
    };
    let (status, body) = route(&request);
    let keep_alive = request.keep_alive && !state.stopping.load(SeqCst);
    respond(writer, status, &body, keep_alive, request.method != "HEAD")?;
    Ok(keep_alive)
}

fn route(request: &Request) -> (u16, String) {
    if request.path == "/health" {
        return match number("HEALTH_STATUS", 200) {
            200 => (200, "ok\n".to_owned()),
            status => (status, "not healthy\n".to_owned()),
        };
    }
    thread::sleep(Duration::from_millis(number("SLOW_MS", 0)));
    match request.path.as_str() {
        "/" => (
            200,
            format!("Hello from version {} on {}\n", version(), hostname()),
        ),
        _ => (404, "not found\n".to_owned()),
    }
}

/// Reads a request with its body, which is passed over; `None` if it is not one that can be answered.
fn read_request(reader: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut head = io::Read::take(&mut *reader, MAX_HEADERS as u64);
    let mut line = String::new();
    head.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(target), Some(protocol)) = (words.next(), words.next(), words.next())
    else {
        return Ok(None);
    };
    let path = target.split('?').next().unwrap_or_default().to_owned();
    let mut request = Request {
        method: method.to_owned(),
        path,
        keep_alive: protocol == "HTTP/1.1",
    };
    let mut body = 0;
    loop {
        let mut header = String::new();
        if head.read_line(&mut header)? == 0 {
            return Ok(None);
        }
        if header.trim_end().is_empty() {
            break;
        }
        let Some((name, value)) = header.split_once(':') else {
            return Ok(None);
        };
        match (
            name.to_ascii_lowercase().as_str(),
            value.trim().to_ascii_lowercase().as_str(),
        ) {
            ("connection", "close") => request.keep_alive = false,
            ("connection", "keep-alive") => request.keep_alive = true,
            ("content-length", length) => match length.parse::<u64>() {
                Ok(length) => body = length,
                Err(_) => return Ok(None),
            },
            ("transfer-encoding", _) => return Ok(None),
            _ => {}
        }
    }
    io::copy(&mut io::Read::take(reader, body), &mut io::sink())?;
    Ok(Some(request))
}

/// One write a response, so that it leaves in one segment.
fn respond(
    writer: &mut TcpStream,
    status: u16,
    body: &str,
    keep_alive: bool,
    with_body: bool,
) -> io::Result<()> {
    let connection = if keep_alive { "keep-alive" } else { "close" };
    let reason = if status < 400 { "OK" } else { "Error" };
    let length = body.len();
    let mut response = format!(
        "HTTP/1.1 {status} {reason}\r\ncontent-type: text/plain; charset=utf-8\r\n\
         content-length: {length}\r\nconnection: {connection}\r\n\r\n"
    );
    if with_body {
        response.push_str(body);
    }
    writer.write_all(response.as_bytes())
}

fn version() -> String {
    env::var("APP_VERSION").unwrap_or_else(|_| "dev".to_owned())
}

/// Docker sets `HOSTNAME` to the container's id, and ECS to the task's host name.
fn hostname() -> String {
    env::var("HOSTNAME").unwrap_or_else(|_| "localhost".to_owned())
}

fn number<T: FromStr>(name: &str, default: T) -> T {
    env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}
