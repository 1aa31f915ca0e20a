//! The server before it has a database: it shows the pages that were kept, says that it is not
//! ready and why, and gives way as soon as the database can be opened.

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::{Arc, RwLock};
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use actix_web::http::{Method, header};
use actix_web::middleware::from_fn;
use actix_web::{App as ActixApp, FromRequest, HttpRequest, HttpResponse, HttpServer, web};
use tracing_actix_web::TracingLogger;

use crate::domain::language::Language;
use crate::store::{Error, Trouble};
use crate::web::failure::{Failure, present};
use crate::web::form::Form;
use crate::web::kept::{Kept, KeptPages};
use crate::web::metrics::is_local;
use crate::web::server::{HEAD_TIME, PatternSpan};
use crate::web::tls::Tls;
use crate::web::unsent::is_given_back;
use crate::web::visitor::Visitor;
use crate::web::{assets, embed, health, middleware, offline, report_form};

type Pages = HashMap<(String, Language), Kept>;

/// What is shown meanwhile.
struct Meanwhile {
    pages: Pages,
    trouble: RwLock<Trouble>,
}

/// A server that waits for its database.
pub struct Waiting {
    meanwhile: web::Data<Meanwhile>,
    handle: ServerHandle,
    thread: JoinHandle<std::io::Result<()>>,
}

impl Waiting {
    /// Begins to answer. Gives [`Error::Internal`] if the listener cannot be used.
    pub fn begin(
        listener: TcpListener,
        tls: Option<Arc<Tls>>,
        kept: &KeptPages,
        trouble: Trouble,
    ) -> Result<Waiting, Error> {
        let failed = |e: String| Error::Internal(format!("the waiting server: {e}"));
        let pages = kept.all();
        let meanwhile = web::Data::new(Meanwhile { pages, trouble: RwLock::new(trouble) });
        let data = meanwhile.clone();
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new().name("waiting".into()).spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    ActixApp::new()
                        .app_data(data.clone())
                        .wrap(from_fn(middleware::failures))
                        .wrap(from_fn(middleware::headers))
                        .wrap(from_fn(middleware::encodings))
                        .wrap(from_fn(middleware::numbered))
                        .wrap(TracingLogger::<PatternSpan>::new())
                        .service(web::resource("/assets/{name}").to(assets::show))
                        .service(web::resource("/favicon.ico").to(assets::favicon))
                        .service(web::resource("/offline").to(offline::show))
                        .service(web::resource("/embed.js").to(embed::script))
                        .default_service(web::route().to(show))
                })
                .client_request_timeout(HEAD_TIME)
                .shutdown_timeout(1)
                .workers(1);
                let server = match tls.map(|tls| tls.config()).transpose().map_err(std::io::Error::other)? {
                    Some(config) => server.listen_rustls_0_23(listener, config)?,
                    None => server.listen(listener)?,
                };
                let server = server.run();
                // Whoever began this waits for the handle, or has gone with the process.
                drop(tell.send(server.handle()));
                server.await
            })
        });
        let thread = thread.map_err(|e| failed(e.to_string()))?;
        let handle = told.recv().map_err(|e| failed(e.to_string()))?;
        Ok(Waiting { meanwhile, handle, thread })
    }

    /// Says another reason from now on.
    pub fn because(&self, trouble: Trouble) {
        *self.meanwhile.trouble.write().unwrap_or_else(|e| e.into_inner()) = trouble;
    }

    /// Somebody asked the process to end.
    pub fn is_over(&self) -> bool {
        self.thread.is_finished()
    }

    /// Finishes what runs and answers nothing more.
    pub fn end(self) {
        // The order is given by the call; its answer would need a runtime.
        drop(self.handle.stop(true));
        if self.thread.join().is_err() {
            tracing::error!("the waiting server ended with a panic");
        }
    }
}

async fn show(request: HttpRequest, meanwhile: web::Data<Meanwhile>, payload: web::Payload) -> HttpResponse {
    let trouble = meanwhile.trouble.read().unwrap_or_else(|e| e.into_inner()).clone();
    let reading = matches!(*request.method(), Method::GET | Method::HEAD);
    match request.path() {
        "/healthz" if reading => return health::healthz().await,
        "/readyz" if reading => {
            return HttpResponse::ServiceUnavailable()
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .json(health::unready(&trouble, is_local(&request)));
        }
        _ => {}
    }
    let language = Visitor::of(&request).language;
    match page(&meanwhile.pages, request.path(), language) {
        Some(page) if reading => {
            let mut response = HttpResponse::Ok();
            response.content_type(page.kind.as_str()).insert_header((header::CACHE_CONTROL, "no-cache"));
            match std::str::from_utf8(&page.bytes) {
                Ok(form) if request.path().ends_with("/report") => {
                    response.insert_header((header::CACHE_CONTROL, "no-store"));
                    response.body(report_form::with_key(form))
                }
                _ => response.body(page.bytes.clone()),
            }
        }
        _ => {
            let failure = Failure::Store(Error::Unavailable(trouble.why));
            // What another site made a browser send is given back by nobody.
            if is_given_back(&request, &failure) && middleware::is_same_site(&request) {
                drop(Form::from_request(&request, &mut payload.into_inner()).await);
            }
            present(&request, &failure)
        }
    }
}

/// The page in this language, else in whichever there is.
fn page<'a>(pages: &'a Pages, path: &str, language: Language) -> Option<&'a Kept> {
    let in_language = |language: Language| pages.get(&(path.to_owned(), language));
    in_language(language).or_else(|| Language::ALL.iter().find_map(|l| in_language(*l)))
}
