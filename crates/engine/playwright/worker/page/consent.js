// Cookie and consent banners: is there one, and which button makes it go away?

import { byRole, byText, cssOf, places, within } from "./locators.js";
import { prove } from "./proof.js";
import { tagOf } from "./survey.js";

const ABOUT =
  /cookie|consent|gdpr|ccpa|datenschutz|einwilligung|vie privée|confidentialité|privacidad|privacidade|riservatezza|privacybeleid|prywatno|ciastecz|samtyck|samtykke|informasjonskaps|evästee|soukromí|súhlas|adatvédel|çerez|gizlilik|クッキー|プライバシー|쿠키|개인정보|隐私|隱私|куки|конфиденциальн/i;
const PRIVACY = /privacy/i;

// The best first. Accepting all is what most visitors do, and leaves no part
// of the page waiting for consent.
const ANSWERS = [
  /^(yes, )?(i )?(accept|allow|agree|agree to|enable) (all|everything|cookies|all cookies|and (close|continue|proceed))( cookies)?$|^(alle(s)? (cookies )?(akzeptieren|zulassen|erlauben|accepteren|toestaan)|tout accepter|accepter (tout|tous les cookies|et (fermer|continuer))|aceptar (todo|todas|todas las cookies)|accetta (tutti|tutto|tutti i cookie)|aceitar (tudo|todos|todos os cookies)|za?akceptuj wszystk\S*|acceptera alla|godkänn alla|godta alle|accepter alle|tillad alle|hyväksy kaikki|přijmout vše|prijať všetko|összes elfogadása|tümünü kabul et|принять все|すべて(同意|許可)する?|모두 (동의|허용|수락)|全部接受|接受所有.*|全部同意)$/i,
  /^(yes, )?(i )?(accept|agree|allow|consent|understand|got it|ok(ay)?|ok, got it|continue|fine|sounds good|that'?s ok(ay)?)[.!]?$|^(akzeptieren|zustimmen|einverstanden|verstanden|j'accepte|accepter|d'accord|compris|aceptar|acepto|de acuerdo|entendido|accetta|accetto|ho capito|aceitar|aceito|concordo|accepteren|akkoord|begrepen|akceptuj(ę)?|zgadzam się|rozumiem|acceptera|godkänn|jag förstår|godta|jeg forstår|godkend|hyväksy|souhlasím|přijmout|rozumím|súhlasím|elfogadom?|kabul et|принять|согласен|同意(する)?|동의|수락|接受)$/i,
  /^(reject|decline|deny|refuse)( all)?( cookies)?$|necessary|essential (cookies )?only|only essential|^(alle )?ablehnen$|notwendige|^(tout )?refuser$|continuer sans accepter|^rechazar( todo| todas)?$|^rifiuta( tutti| tutto)?$|^(rejeitar|recusar)( tudo| todos)?$|^(alles )?weigeren$|^odrzuć( wszystko)?$|^avvisa( alla)?$|^avvis( alle)?$|^afvis( alle)?$|^hylkää( kaikki)?$|^odmítnout( vše)?$|^отклонить( все)?$/i,
  /^(close|dismiss|×|✕|✖|x|schließen|fermer|cerrar|chiudi|fechar|sluiten|zamknij|stäng|lukk?|sulje|zavřít|закрыть|閉じる|닫기|关闭)$/i,
];

const MARKED = "[id*=cookie i], [class*=cookie i], [id*=consent i], [class*=consent i], [id*=gdpr i], [class*=gdpr i], [id*=onetrust i], [id*=didomi i], [id*=usercentrics i], [id*=cmp i], [class*=cmp- i], [aria-label*=cookie i], [aria-label*=consent i]";
const DIALOGS = "dialog[open], [role=dialog], [role=alertdialog], [aria-modal=true], [role=region], section[aria-label], section[aria-labelledby]";

/** The locator of the button that answers a consent banner, or null. */
export function consentButton(survey, framed = false) {
  for (const banner of banners(survey, framed)) {
    const button = answer(survey, banner);
    if (!button) continue;
    const locator = prove(survey, [button], proposals(survey, button));
    if (locator) return locator;
  }
  return null;
}

function* banners(survey, framed) {
  const seen = new Set();
  const candidates = [...document.querySelectorAll(DIALOGS), ...document.querySelectorAll(MARKED), ...pinned()];
  if (framed) candidates.push(document.body);
  for (const element of candidates.slice(0, 200)) {
    if (seen.has(element) || ["html", framed ? "" : "body", "main", "button", "a"].includes(tagOf(element))) continue;
    seen.add(element);
    if (!survey.shown(element)) continue;
    const text = survey.text(element, 3000);
    if (text && !text.endsWith("…") && (ABOUT.test(text) || PRIVACY.test(text))) yield element;
  }
}

/** Bars and boxes that stay in place while the page scrolls. */
function pinned() {
  return [...document.body.children].flatMap((child) => [child, ...child.children]).slice(0, 300).filter((element) => {
    const { position } = getComputedStyle(element);
    return position === "fixed" || position === "sticky";
  });
}

function answer(survey, banner) {
  const buttons = [...banner.querySelectorAll("button, [role=button], a, input[type=submit], input[type=button]")]
    .slice(0, 60)
    .filter((button) => survey.shown(button))
    .map((button) => ({ button, says: survey.name(button) || survey.text(button, 80) }));
  // A box that speaks of privacy alone may be anything; it must ask for consent.
  const answers = ABOUT.test(survey.text(banner, 3000)) ? ANSWERS : ANSWERS.slice(0, 1);
  for (const wanted of answers) {
    const found = buttons.find(({ says }) => wanted.test(says.trim()));
    if (found) return found.button;
  }
  return null;
}

function* proposals(survey, button) {
  const name = survey.name(button);
  const role = survey.role(button);
  if (role && name) {
    yield byRole(role, name);
    for (const place of places(survey, button)) yield within(place, byRole(role, name));
  }
  if (name) yield byText(name);
  yield* cssOf(button);
}
