//! Speaking OpenID Connect with a provider: the authorization code flow with PKCE. Blocking; callers
//! keep it off the threads that answer requests.

use std::time::Duration;

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse,
    IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    Scope, StandardErrorResponse, StandardTokenResponse, TokenResponse, UserInfoClaims,
};
use serde_json::{Map, Value};

use super::{Options, Trouble};
use crate::domain::provider::wished_name;
use crate::store::people::identities::{Away, Identity};

/// How long the provider may take for one answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer of a provider that is read, in bytes.
const ANSWER_MAX: u64 = 1024 * 1024;

/// Whatever else the provider says of somebody.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Extra(Map<String, Value>);

impl AdditionalClaims for Extra {}

type Fields = IdTokenFields<
    Extra,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

type OurClient = Client<
    Extra,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What binds an answer to a log-in, made afresh for each.
pub(super) fn fresh(next: String, person_id: Option<i64>) -> Away {
    let (_, verifier) = PkceCodeChallenge::new_random_sha256();
    Away { nonce: Nonce::new_random().secret().clone(), verifier: verifier.secret().clone(), next, person_id }
}

/// Asks the provider one thing. Redirects are not followed: nobody but the provider named is asked.
fn ask(request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .timeout_global(Some(PATIENCE))
        .build()
        .into();
    let empty = request.body().is_empty();
    let mut answer = if empty { agent.run(request.map(|_| ()))? } else { agent.run(request)? };
    let body = answer.body_mut().with_config().limit(ANSWER_MAX).read_to_vec()?;
    let mut response = HttpResponse::new(body);
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    Ok(response)
}

fn unreachable(error: impl std::fmt::Display) -> Trouble {
    Trouble::Unreachable(error.to_string())
}

fn refused(error: impl std::fmt::Display) -> Trouble {
    Trouble::Refused(error.to_string())
}

/// What the provider says of itself, read anew each time, so that new keys are known at once.
fn client(options: &Options, redirect: &str) -> Result<OurClient, Trouble> {
    let issuer = IssuerUrl::new(options.issuer.clone()).map_err(unreachable)?;
    let metadata = CoreProviderMetadata::discover(&issuer, &ask).map_err(|e| unreachable(with_causes(&e)))?;
    let secret = options.client_secret.clone().map(ClientSecret::new);
    Ok(OurClient::from_provider_metadata(metadata, ClientId::new(options.client_id.clone()), secret)
        .set_redirect_uri(RedirectUrl::new(redirect.to_owned()).map_err(unreachable)?))
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        said.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    said
}

/// Where somebody goes to log in, with what binds the answer to them.
pub(super) fn go(options: &Options, redirect: &str, state: String, away: &Away) -> Result<String, Trouble> {
    let client = client(options, redirect)?;
    let verifier = PkceCodeVerifier::new(away.verifier.clone());
    let nonce = away.nonce.clone();
    let mut request = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || CsrfToken::new(state),
            move || Nonce::new(nonce),
        )
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
    for scope in options.scopes.split_whitespace().filter(|scope| *scope != "openid") {
        request = request.add_scope(Scope::new(scope.to_owned()));
    }
    Ok(request.url().0.to_string())
}

/// Who came back with this code: signature, issuer, audience, age and nonce of what the provider says
/// are checked.
pub(super) fn identify(
    options: &Options,
    redirect: &str,
    code: String,
    away: &Away,
) -> Result<Identity, Trouble> {
    let client = client(options, redirect)?;
    let tokens = client
        .exchange_code(AuthorizationCode::new(code))
        .map_err(unreachable)?
        .set_pkce_verifier(PkceCodeVerifier::new(away.verifier.clone()))
        .request(&ask)
        .map_err(|e| refused(with_causes(&e)))?;
    let id_token = tokens.id_token().ok_or_else(|| refused("there is no ID token"))?;
    let verifier = client.id_token_verifier();
    let claims = id_token.claims(&verifier, &Nonce::new(away.nonce.clone())).map_err(refused)?;
    if let Some(expected) = claims.access_token_hash() {
        let algorithm = id_token.signing_alg().map_err(refused)?;
        let key = id_token.signing_key(&verifier).map_err(refused)?;
        let is = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).map_err(refused)?;
        if is != *expected {
            return Err(refused("the access token is another one's"));
        }
    }
    let mut said = object(serde_json::to_value(claims));
    // Many providers say names and groups only here.
    if let Ok(request) = client.user_info(tokens.access_token().clone(), Some(claims.subject().clone())) {
        let more: Result<UserInfoClaims<Extra, CoreGenderClaim>, _> = request.request(&ask);
        let more = more.map_err(|e| refused(with_causes(&e)))?;
        for (claim, value) in object(serde_json::to_value(&more)) {
            said.entry(claim).or_insert(value);
        }
    }
    Ok(Identity {
        issuer: options.issuer.clone(),
        subject: claims.subject().to_string(),
        name: wished_name(&said),
        role: options.roles.role(&said, &options.role_claim),
    })
}

fn object(value: serde_json::Result<Value>) -> Map<String, Value> {
    match value {
        Ok(Value::Object(map)) => map.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        _ => Map::new(),
    }
}
