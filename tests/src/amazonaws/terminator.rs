//! TLS in front of a server that speaks none.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_util::task::AbortOnDropHandle;

/// Accepts TLS connections on 127.0.0.1:443 until it is dropped, and passes what they carry on.
#[derive(Debug)]
pub struct Terminator {
    _accepting: AbortOnDropHandle<()>,
}

impl Terminator {
    /// Opens the port. Connections are the server's as soon as they are decrypted.
    ///
    /// # Panics
    ///
    /// If the port cannot be had.
    pub async fn start(config: Arc<ServerConfig>, server: SocketAddr) -> Self {
        let socket = TcpListener::bind(("127.0.0.1", 443)).await.unwrap();
        let acceptor = TlsAcceptor::from(config);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = socket.accept().await {
                let acceptor = acceptor.clone();
                // A client that breaks off sees that itself.
                tokio::spawn(async move {
                    let mut decrypted = acceptor.accept(stream).await?;
                    let mut plain = TcpStream::connect(server).await?;
                    tokio::io::copy_bidirectional(&mut decrypted, &mut plain).await
                });
            }
        });
        Self {
            _accepting: AbortOnDropHandle::new(accepting),
        }
    }
}
