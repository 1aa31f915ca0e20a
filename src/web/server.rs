//! Starting and stopping the server.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App as ActixApp, Error as ActixError, HttpMessage, HttpServer, web};
use tracing::Span;
use tracing_actix_web::{RootSpanBuilder, TracingLogger};

use crate::web::app::App;
use crate::web::connections::Connections;
use crate::web::failure::Failure;
use crate::web::tls::{HANDSHAKE_TIME, Tls};
use crate::web::{connections, events, metrics, middleware, routes, warm};

/// How long the head of a request may take to arrive; who is slower is let go.
pub const HEAD_TIME: Duration = Duration::from_secs(10);

/// How many connections one thread holds at most.
const WORKER_MOST: usize = 25_600;

/// How long what runs may go on after SIGTERM; with the writer's rest it stays below the 15 seconds
/// that are promised.
const GRACE_SECONDS: u64 = 12;

/// Names the pattern of a route in the log and never its path, in which secrets stand.
pub(super) struct PatternSpan;

/// By which the lines of a request are found in the log; the answer says it.
#[derive(Clone)]
pub(super) struct RequestId(pub(super) String);

impl RootSpanBuilder for PatternSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
        let id = format!("{:016x}", rand::random::<u64>());
        request.extensions_mut().insert(RequestId(id.clone()));
        tracing::info_span!(
            "request", method = %request.method(), route, id,
            status = tracing::field::Empty, failure = tracing::field::Empty,
        )
    }

    /// Says what came of it, but not the error in full: what somebody typed may stand in it.
    fn on_request_end<B: actix_web::body::MessageBody>(
        span: Span,
        outcome: &Result<ServiceResponse<B>, ActixError>,
    ) {
        let (status, error) = match outcome {
            Ok(response) => (response.status(), response.response().error()),
            Err(error) => (error.as_response_error().status_code(), Some(error)),
        };
        span.record("status", status.as_u16());
        if let Some(failure) = error.and_then(|e| e.as_error::<Failure>()) {
            span.record("failure", tracing::field::display(failure));
        }
        span.in_scope(|| tracing::debug!("answered"));
    }
}

/// Where and how a server takes connections.
pub struct Serving {
    /// Where.
    pub listener: TcpListener,
    /// How many threads answer; as many as there are cores if not said.
    pub workers: Option<usize>,
    /// How many connections one address may hold.
    pub connections: Arc<Connections>,
    /// With this certificate; none: without TLS.
    pub tls: Option<Arc<Tls>>,
    /// How many connections there may be in all; more wait to be taken. None: as many as a worker likes.
    pub most: Option<usize>,
}

/// A server that listens and answers as soon as it is awaited.
///
/// Fails if the listener or the certificate cannot be used.
pub fn serve(app: App, serving: Serving) -> std::io::Result<(Server, SocketAddr)> {
    let Serving { listener, workers, connections, tls, most } = serving;
    let address = listener.local_addr()?;
    actix_web::rt::spawn(metrics::upkeep());
    actix_web::rt::spawn(app.clone().follow_settings());
    actix_web::rt::spawn(warm::follow(app.clone()));
    actix_web::rt::spawn(app.events.clone().follow());
    events::end_with_process(app.events.clone());
    let mut server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(web::Data::new(app.clone()))
            .wrap(from_fn(middleware::same_site))
            .wrap(from_fn(connections::through_proxies))
            .wrap(from_fn(middleware::failures))
            .wrap(from_fn(middleware::headers))
            .wrap(from_fn(middleware::packed))
            .wrap(Compress::default())
            .wrap(from_fn(middleware::encodings))
            .wrap(from_fn(metrics::requests))
            .wrap(from_fn(middleware::numbered))
            .wrap(TracingLogger::<PatternSpan>::new())
            .configure(routes::configure)
    })
    .on_connect(move |connection, data| connections.begin(connection, data))
    .client_request_timeout(HEAD_TIME)
    .keep_alive(Duration::from_secs(30))
    .shutdown_timeout(GRACE_SECONDS)
    .backlog(1_024);
    if let Some(workers) = workers {
        server = server.workers(workers);
    }
    if let Some(most) = most {
        // Each worker counts its own.
        let threads = workers.or_else(|| std::thread::available_parallelism().ok().map(|n| n.get()));
        server = server.max_connections((most / threads.unwrap_or(1).max(1)).clamp(1, WORKER_MOST));
    }
    let server = match tls {
        Some(tls) => {
            let config = tls.config().map_err(std::io::Error::other)?;
            actix_web::rt::spawn(tls.follow());
            server.tls_handshake_timeout(HANDSHAKE_TIME).listen_rustls_0_23(listener, config)?
        }
        None => server.listen(listener)?,
    };
    Ok((server.run(), address))
}
