package io.metdc.listings.watch;

import io.metdc.listings.watch.NoticeTitle.Coin;
import io.metdc.listings.watch.NoticeTitle.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The grammar of notice titles, all eras of it: protocols/upbit.md §6. The title is taken apart ([TitleText]); its
/// kind is decided on the text outside of parentheses, what is *no* listing first; of a listing the coins and markets
/// are read ([TitleCoins]), and what was appended later is applied ([Amendment]). It takes linear time.
final class TitleReader {
    private record Rule(Kind kind, Pattern words) {
        Rule(Kind kind, String words) {
            this(kind, Pattern.compile(words));
        }

        boolean fits(String text) {
            return words.matcher(text).find();
        }
    }

    private static final Rule EVENT =
            new Rule(Kind.EVENT, "이벤트|기념|받아가세요|트레이딩 ?위크|수수료.{0,8}(?:(?<![0-9.])0 ?(?:%|원)|무료)|무료 ?(?:거래 ?)?수수료");

    /// What these say is so whatever a title quotes.
    private static final List<Rule> ALWAYS = List.of(
            EVENT,
            new Rule(Kind.DELISTING, "거래 ?지원 ?종료|상장 ?폐지"),
            new Rule(Kind.CAUTION, "유의 ?종목|유의 ?촉구|투자 ?(?:주의|유의)|거래 ?유의|(?:주의|경고|위험) ?종목 ?(?:지정|해제|기간)"));

    /// What these say is so unless a listing is announced first, with coins and markets.
    private static final List<Rule> SUBJECTS = List.of(
            new Rule(Kind.RENAME, "리브랜딩|토큰 ?스[왑왓]|(?:명칭|티커|심볼) ?변경"),
            new Rule(Kind.MAINTENANCE, "점검"),
            new Rule(
                    Kind.OTHER,
                    "유통량|코인 ?빌리기|스테이킹|지급 ?안내|유의 ?사항|미신고|(?<![A-Za-z])NFT(?![A-Za-z])"
                            + "|거래 ?지원 ?(?:일시 ?)?(?:중단|중지|재개)"),
            new Rule(Kind.WALLET, "입출금|출금|입금"));

    /// What these say is so if nothing else is, in parentheses and tags too.
    private static final List<Rule> ANYWHERE = Stream.of(
                    ALWAYS, SUBJECTS, List.of(new Rule(Kind.WALLET, "(?<![가-힣])네트워크")))
            .flatMap(List::stream)
            .toList();

    private static final String NO_ANNOUNCEMENT = "(?! ?(?:심사|절차|기준|정책|계획|검토|중단|중지|종료|폐지|사칭|빙자|사기|수수료|투표|설문|신청|요청|문의))";
    private static final Pattern ANNOUNCEMENT =
            Pattern.compile("(?:신규 ?(?:디지털 ?자산 ?)?거래 ?지원|(?:디지털|가상) ?자산 ?추가|신규 ?상장|코인 ?추가|마켓 ?(?:신규 ?)?(?:오픈|상장))"
                    + NO_ANNOUNCEMENT
                    + "(?: ?안내)?");

    /// Announces a listing only where coins and markets are named.
    private static final Pattern FAINT_ANNOUNCEMENT = Pattern.compile("거래 ?지원 ?안내");

    /// Those without listings, in the words of the web API, of the WebSocket, and in English; any other says nothing.
    private static final Map<String, Kind> CATEGORIES = Map.ofEntries(
            Map.entry("이벤트", Kind.EVENT),
            Map.entry("event", Kind.EVENT),
            Map.entry("입출금", Kind.WALLET),
            Map.entry("dtw", Kind.WALLET),
            Map.entry("wallet", Kind.WALLET),
            Map.entry("점검", Kind.MAINTENANCE),
            Map.entry("maintenance", Kind.MAINTENANCE),
            Map.entry("안내", Kind.OTHER),
            Map.entry("공지", Kind.OTHER),
            Map.entry("notice", Kind.OTHER),
            Map.entry("디지털 자산", Kind.OTHER),
            Map.entry("digital_asset", Kind.OTHER),
            Map.entry("digital asset", Kind.OTHER),
            Map.entry("nft", Kind.OTHER),
            Map.entry("스테이킹", Kind.OTHER),
            Map.entry("staking", Kind.OTHER),
            Map.entry("서비스+", Kind.OTHER),
            Map.entry("service", Kind.OTHER),
            Map.entry("service+", Kind.OTHER));

    /// Ends of words that are no names of coins: `거래이벤트(SYM)`, but not `이벤트호라이즌(SYM)`.
    private static final Pattern EVENT_END = Pattern.compile("(?:이벤트|기념)$");

    private static final Pattern NEWS_END = Pattern.compile(
            "(?:이벤트|기념|위크|종료|폐지|종목|촉구|주의|유의|리브랜딩|스왑|스왓|변경|점검|유통량|빌리기|스테이킹|지급|사항|중단|중지|재개|입출금|출금|입금|안내)$");

    private static final Pattern CANCELLED = Pattern.compile("취소|철회");
    private static final Pattern EVENT_OVER = Pattern.compile("이벤트 ?(?:조기 ?)?(?:종료|당첨|기간 ?연장)");

    private static final Pattern LISTING_WORD =
            Pattern.compile("거래 ?지원|거래 ?개시|자산 ?추가|코인 ?추가|종목 ?추가|상장(?! ?폐지)|마켓.{0,40}(?:오픈|추가|개설)"
                    + "|(?i:market support|trading support|listing|(?:new|will|to) list|market (?:open|launch|addition)"
                    + "|add(?:s|ed|ition)?\\b.{0,40}\\bmarket)");

    private final TitleText title;
    private final @Nullable MatchResult announcement;
    private final TitleCoins coins;

    private TitleReader(TitleText title) {
        this.title = title;
        MatchResult sure = last(ANNOUNCEMENT, title.outside());
        MatchResult faint = sure == null ? last(FAINT_ANNOUNCEMENT, title.outside()) : null;
        MatchResult found = sure == null ? faint : sure;
        coins = TitleCoins.of(title, found == null ? 0 : found.end());
        boolean counts = sure != null || (faint != null && coins.isComplete());
        announcement = counts && !CANCELLED.matcher(title.outside()).find() ? found : null;
    }

    static NoticeTitle read(String title, String category) {
        TitleText text = TitleText.of(title);
        if (text.isTooLong()) {
            return new NoticeTitle(Kind.OTHER, List.of(), true);
        }
        return filtered(new TitleReader(text).read(), category);
    }

    /// What the category leaves of it. Listings are all in the category of trade; should one stand elsewhere, a person
    /// has to say.
    private static NoticeTitle filtered(NoticeTitle read, String category) {
        String said = category.strip().toLowerCase(Locale.ROOT);
        Kind other = CATEGORIES.get(said);
        boolean isAnnounced = read.kind() == Kind.LISTING || read.kind() == Kind.POSTPONED;
        if (other == null || (!isAnnounced && read.kind() != Kind.OTHER)) {
            return read;
        }
        boolean isUnclear = other != Kind.EVENT && (isAnnounced || read.unclear());
        return new NoticeTitle(isUnclear ? Kind.OTHER : other, List.of(), isUnclear);
    }

    private NoticeTitle read() {
        List<Amendment> amendments = new ArrayList<>();
        boolean isEventOver = false;
        for (TitleText.Group group : title.groups()) {
            if (Amendment.is(group.text())) {
                isEventOver |= EVENT_OVER.matcher(group.text()).find();
                amendments.add(Amendment.of(group.text(), coins));
            }
        }
        if (isEventOver || EVENT.fits(title.tags())) {
            return no(Kind.EVENT);
        }
        MatchResult whole = coins.isComplete() ? announcement : null;
        String text = coins.outsideWithoutNames(whole == null ? NEWS_END : EVENT_END);
        Kind always = first(ALWAYS, text);
        if (always != null) {
            return no(always);
        }
        Kind subject = first(SUBJECTS, whole == null ? text : text.substring(0, whole.start()));
        if (subject != null || title.tags().contains("NFT")) {
            return no(subject == null ? Kind.OTHER : subject);
        }
        if (announcement != null) {
            amendments.add(Amendment.of(text, coins));
            return listing(amendments);
        }
        boolean isUnclear = LISTING_WORD.matcher(title.whole()).find();
        Kind last = isUnclear ? null : first(ANYWHERE, title.whole());
        return last == null ? new NoticeTitle(Kind.OTHER, List.of(), isUnclear) : no(last);
    }

    private static NoticeTitle no(Kind kind) {
        return new NoticeTitle(kind, List.of(), false);
    }

    private NoticeTitle listing(List<Amendment> amendments) {
        Map<String, Set<String>> markets = new LinkedHashMap<>();
        coins.listings().forEach(coin -> markets.put(coin.symbol(), new LinkedHashSet<>(coin.markets())));
        boolean isPostponed = false;
        boolean isUnclear = !coins.isComplete();
        for (Amendment amendment : amendments) {
            isPostponed |= amendment.isPostponing();
            isUnclear |= amendment.isUnclear();
            amendment.cancelled().forEach((symbol, of) -> {
                Set<String> left = markets.get(symbol);
                if (of.isEmpty() || (left != null && left.removeAll(of) && left.isEmpty())) {
                    markets.remove(symbol);
                }
            });
        }
        List<Coin> left = markets.entrySet().stream()
                .map(coin -> new Coin(coin.getKey(), List.copyOf(coin.getValue())))
                .toList();
        return new NoticeTitle(isPostponed ? Kind.POSTPONED : Kind.LISTING, left, isUnclear);
    }

    private static @Nullable Kind first(List<Rule> rules, String text) {
        for (Rule rule : rules) {
            if (rule.fits(text)) {
                return rule.kind();
            }
        }
        return null;
    }

    private static @Nullable MatchResult last(Pattern words, String text) {
        MatchResult last = null;
        Matcher found = words.matcher(text);
        while (found.find()) {
            last = found.toMatchResult();
        }
        return last;
    }
}
