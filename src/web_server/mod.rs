//! The accept loop of every HTTP server of the program: HTTP/1.1 over hyper, with limits on connections, heads and
//! time, so that slow clients make room for those that ask.

mod clients;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tower::ServiceExt;
use tracing::debug;

use crate::work;
use clients::{Clients, LastRequest};
pub use tls::Certificate;

/// A client that takes longer to send the head of a request is cut off.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// Longest head of a request in bytes; hyper takes no less.
const LONGEST_HEAD: usize = 16 * 1024;

/// Most header lines of a request.
const MOST_HEADERS: usize = 64;

/// What a server allows its clients.
#[derive(Clone)]
pub struct ClientLimits {
    /// Connections at once. A further one takes the place of the one that has asked least recently.
    pub connections: usize,
    /// Connections at once from one address, but for those of `shared`.
    pub per_address: usize,
    /// Addresses that many people share: this machine, and proxies.
    pub shared: Arc<dyn Fn(std::net::IpAddr) -> bool + Send + Sync>,
    /// Whether a connection may carry several requests.
    pub keep_alive: bool,
    /// A connection is closed after this time, whatever it does.
    pub longest: Duration,
    /// What TLS is spoken with; `None` = plain HTTP.
    pub certificate: Option<Arc<Certificate>>,
}

/// The address a request came from, as the network has it.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// An open server; closed, with all its connections, when dropped.
#[derive(Debug)]
pub struct WebServer {
    /// Where it listens; the port is known even if any free one was asked for.
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for WebServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Listens on an address; connections wait until [`open`].
pub async fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Answers what a listener takes with `router` from then on.
pub fn open(listener: TcpListener, router: Router, limits: ClientLimits) -> std::io::Result<WebServer> {
    let address = listener.local_addr()?;
    let task = tokio::spawn(serve(listener, router, limits));
    Ok(WebServer { address, task })
}

async fn serve(listener: TcpListener, router: Router, limits: ClientLimits) {
    // Dropped with this loop, and every connection with it.
    let mut tasks = JoinSet::new();
    let mut clients = Clients::default();
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(problem) => {
                // Out of file descriptors, say: the clients give theirs back.
                debug!("cannot accept a client: {problem}");
                clients.close_all();
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        while tasks.try_join_next().is_some() {}
        clients.make_room(peer.ip(), &limits);
        let asked = LastRequest::default();
        let (router, certificate) = (router.clone(), limits.certificate.clone());
        let (asking, keep_alive) = (asked.clone(), limits.keep_alive);
        let connection = async move {
            match certificate {
                None => handle(stream, peer, router, asking, keep_alive).await,
                Some(certificate) => match encrypted(stream, certificate).await {
                    Some(stream) => handle(stream, peer, router, asking, keep_alive).await,
                    None => debug!("a client spoke no TLS"),
                },
            }
        };
        let longest = limits.longest;
        let handle = tasks.spawn(async move {
            if tokio::time::timeout(longest, connection).await.is_err() {
                debug!("a connection was open for too long and is closed");
            }
        });
        clients.add(peer.ip(), asked, handle);
    }
}

/// The handshake, within the time that a head may take.
async fn encrypted(stream: TcpStream, certificate: Arc<Certificate>) -> Option<TlsStream<TcpStream>> {
    let config = work::block(move || certificate.current()).await;
    let handshake = TlsAcceptor::from(config).accept(stream);
    tokio::time::timeout(HEAD_WITHIN, handshake).await.ok()?.ok()
}

async fn handle<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    peer: SocketAddr,
    router: Router,
    asked: LastRequest,
    keep_alive: bool,
) {
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        asked.now();
        request.extensions_mut().insert(Peer(peer));
        router.clone().oneshot(request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_headers(MOST_HEADERS)
        .max_buf_size(LONGEST_HEAD)
        .keep_alive(keep_alive)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(problem) = served {
        debug!("a client went away: {problem}");
    }
}
