//! Just enough HTTP/1.1 for two pages on loopback: one request a connection, and a deadline on it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tracing::debug;

/// A client that takes longer is cut off.
const DEADLINE: Duration = Duration::from_secs(10);

/// Longest request head, in bytes.
const LONGEST: usize = 8 * 1024;

/// So many clients at once. A further one takes the place of the oldest that has not asked yet, so that slow clients
/// make room for those that ask.
const CLIENTS: usize = 64;

/// A client that is being served.
struct Client {
    task: AbortHandle,
    has_asked: Arc<AtomicBool>,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub code: u16,
    pub content_type: &'static str,
    pub body: String,
}

impl Answer {
    pub fn new(code: u16, content_type: &'static str, body: String) -> Answer {
        Answer { code, content_type, body }
    }

    pub fn text(code: u16, body: String) -> Answer {
        Answer::new(code, "text/plain; charset=utf-8", body)
    }

    pub fn json(code: u16, body: &serde_json::Value) -> Answer {
        Answer::new(code, "application/json", format!("{body:#}\n"))
    }

    /// As it goes over the wire; a HEAD request gets no body.
    fn to_bytes(&self, with_body: bool) -> Vec<u8> {
        let reason = match self.code {
            200 => "OK",
            400 => "Bad Request",
            404 => "Not Found",
            405 => "Method Not Allowed",
            431 => "Request Header Fields Too Large",
            503 => "Service Unavailable",
            _ => "Internal Server Error",
        };
        let Answer { code, content_type, body } = self;
        let allow = if *code == 405 { "Allow: GET, HEAD\r\n" } else { "" };
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {code} {reason}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\
             {allow}Cache-Control: no-store\r\nConnection: close\r\n\r\n"
        );
        let body = if with_body { body.as_str() } else { "" };
        [head.as_bytes(), body.as_bytes()].concat()
    }
}

/// Answers GET requests by their path, for ever.
pub(super) async fn serve<F, A>(listener: TcpListener, page: F)
where
    F: Fn(String) -> A + Clone + Send + 'static,
    A: Future<Output = Answer> + Send + 'static,
{
    let mut clients: VecDeque<Client> = VecDeque::new();
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(problem) => {
                // Out of file descriptors, say: the clients give theirs back.
                debug!("cannot accept a client: {problem}");
                clients.drain(..).for_each(|client| client.task.abort());
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        clients.retain(|client| !client.task.is_finished());
        make_room(&mut clients);
        let (page, has_asked) = (page.clone(), Arc::new(AtomicBool::new(false)));
        let asked = has_asked.clone();
        let task = tokio::spawn(async move {
            match tokio::time::timeout(DEADLINE, attend(stream, page, &asked)).await {
                Ok(Ok(())) => {}
                Ok(Err(problem)) => debug!("a client of the health page went away: {problem}"),
                Err(_) => debug!("a client of the health page was too slow"),
            }
        });
        clients.push_back(Client { task: task.abort_handle(), has_asked });
    }
}

fn make_room(clients: &mut VecDeque<Client>) {
    if clients.len() < CLIENTS {
        return;
    }
    let slow = clients.iter().position(|client| !client.has_asked.load(Ordering::Relaxed)).unwrap_or(0);
    if let Some(client) = clients.remove(slow) {
        client.task.abort();
    }
}

async fn attend<F, A>(mut stream: TcpStream, page: F, has_asked: &AtomicBool) -> std::io::Result<()>
where
    F: Fn(String) -> A,
    A: Future<Output = Answer>,
{
    let request = request(&mut stream).await?;
    has_asked.store(true, Ordering::Relaxed);
    let (answer, with_body) = match request {
        Ok((method, path)) => match method.as_str() {
            "GET" => (page(path).await, true),
            "HEAD" => (page(path).await, false),
            _ => (Answer::text(405, "only GET is answered\n".to_owned()), true),
        },
        Err(code) => (Answer::text(code, "this is no HTTP request\n".to_owned()), true),
    };
    stream.write_all(&answer.to_bytes(with_body)).await?;
    stream.shutdown().await
}

/// Method and path (without the query), or the code to refuse it with.
async fn request(stream: &mut TcpStream) -> std::io::Result<Result<(String, String), u16>> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(Err(400));
        }
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut headers);
        match (request.parse(&bytes), request.method, request.path) {
            (Ok(httparse::Status::Complete(_)), Some(method), Some(path)) => {
                let path = path.split('?').next().unwrap_or_default();
                return Ok(Ok((method.to_owned(), path.to_owned())));
            }
            (Ok(_), _, _) if bytes.len() < LONGEST => {}
            (Ok(_), _, _) | (Err(httparse::Error::TooManyHeaders), _, _) => return Ok(Err(431)),
            (Err(_), _, _) => return Ok(Err(400)),
        }
    }
}
