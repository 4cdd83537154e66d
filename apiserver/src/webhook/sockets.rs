//! Webhook calls over TCP and TLS, HTTP/1.1.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::caller::collect;
use super::client::Client;
use super::{service, trust};
use crate::environment::Environment;
use crate::store::Store;

/// Calls over the machine's network; a connection per call.
#[derive(Debug, Default)]
pub(crate) struct Sockets;

impl Sockets {
    pub(super) async fn call(
        &self,
        store: &Store,
        environment: &Environment,
        client: &Client,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Bytes>, String> {
        let named = host_of(request.uri())?;
        let (host, port) = match &client.service {
            Some(reference) => service::resolve(store, reference)?,
            None => (named.clone(), request.uri().port_u16().unwrap_or(443)),
        };
        let config = trust::client_config(environment, client.authorities.as_ref())?;
        let name = ServerName::try_from(named.clone()).map_err(|error| error.to_string())?;
        let stream = dial(&host, port, client.service.is_some()).await?;
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream);
        let stream = stream.await.map_err(|error| trust::complaint(&error, &named))?;
        exchange(stream, request).await
    }
}

fn host_of(uri: &Uri) -> Result<String, String> {
    let host = uri.host().ok_or("no Host in request URL")?;
    Ok(host.trim_start_matches('[').trim_end_matches(']').to_owned())
}

/// Opens a connection; pods of the embedded cluster run nothing, so what is not loopback has no way to them.
async fn dial(host: &str, port: u16, in_cluster: bool) -> Result<TcpStream, String> {
    let address: Option<IpAddr> = host.parse().ok();
    if let Some(address) = address
        && in_cluster
        && !address.is_loopback()
    {
        let address = SocketAddr::new(address, port);
        return Err(format!("dial tcp {address}: connect: no route to host"));
    }
    let stream = match address {
        Some(address) => TcpStream::connect((address, port)).await,
        None => TcpStream::connect((host, port)).await,
    };
    let shown = address.map_or_else(
        || format!("{host}:{port}"),
        |address| SocketAddr::new(address, port).to_string(),
    );
    stream.map_err(|error| match error.kind() {
        io::ErrorKind::ConnectionRefused => format!("dial tcp {shown}: connect: connection refused"),
        _ if address.is_none() => format!("dial tcp: lookup {host}: no such host"),
        _ => format!("dial tcp {shown}: connect: {error}"),
    })
}

async fn exchange<S>(stream: S, mut request: Request<Full<Bytes>>) -> Result<Response<Bytes>, String>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let authority = request
        .uri()
        .authority()
        .map(ToString::to_string)
        .unwrap_or_default();
    let host = HeaderValue::from_str(&authority).map_err(|error| error.to_string())?;
    request.headers_mut().insert(HOST, host);
    if let Some(path) = request.uri().path_and_query().cloned() {
        *request.uri_mut() = Uri::from(path);
    }
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|error| error.to_string())?;
    let answer = async {
        let answer = sender.send_request(request).await;
        collect(answer.map_err(|error| words(&error))?).await
    };
    tokio::pin!(answer);
    tokio::select! {
        answer = &mut answer => answer,
        ended = connection => match ended {
            // What has been read so far is all there is.
            Ok(()) => answer.await,
            Err(error) => Err(words(&error)),
        },
    }
}

fn words(error: &hyper::Error) -> String {
    if error.is_incomplete_message() {
        "EOF".to_owned()
    } else {
        error.to_string()
    }
}
