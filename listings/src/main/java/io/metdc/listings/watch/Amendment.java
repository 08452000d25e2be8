package io.metdc.listings.watch;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What is appended to the title of a listing later, in parentheses. It says one thing or several, each ending in what
/// is done: `(HEMI 거래지원 취소 및 USELESS 거래지원 개시 시점 변경 안내)`.
///
/// @param isPostponing whether it changes when trading opens
/// @param cancelled    coins whose support it says is cancelled, each with the markets for which it is; with none where
///                     it is for all of them
/// @param isUnclear    whether it cancels coins that it does not name clearly
record Amendment(boolean isPostponing, Map<String, Set<String>> cancelled, boolean isUnclear) {
    private static final Pattern AMENDS = Pattern.compile("안내[.!]?$|이벤트|취소|철회|변경|연기|지연|보류");
    private static final Pattern DONE = Pattern.compile("취소|철회|변경|연기|지연|보류|안내");
    private static final Pattern CHANGE = Pattern.compile("변경|연기|지연|보류");
    private static final Pattern OPENING =
            Pattern.compile("개시|오픈|거래 ?시작|(?:거래|거래 ?지원|상장) ?(?:예정 ?)?(?:시점|일정|시간|시각|일시|일자|예정일)");
    private static final Pattern WALLET = Pattern.compile("입출금|입금|출금|지갑");
    private static final Pattern SUPPORT = Pattern.compile("거래 ?지원|상장|자산 추가|코인 추가|마켓");
    private static final Pattern SOMETHING_ELSE = Pattern.compile("이벤트|에어드랍|보상|리워드|지급|주문|제한|수수료|입출금|입금|출금|지갑|네트워크|점검");
    private static final Pattern TICKER = Pattern.compile("(?<![A-Za-z0-9])[A-Z0-9]{1,12}(?![A-Za-z0-9])");

    Amendment {
        cancelled = Map.copyOf(cancelled);
    }

    /// Whether these words in parentheses amend a title, rather than belong to what it announced first.
    static boolean is(String group) {
        return AMENDS.matcher(group).find();
    }

    /// What a text says that amends a title, in parentheses or not.
    static Amendment of(String text, TitleCoins coins) {
        boolean isPostponing = false;
        boolean isUnclear = false;
        Map<String, Set<String>> cancelled = new LinkedHashMap<>();
        String before = "";
        int from = 0;
        Matcher done = DONE.matcher(text);
        while (done.find()) {
            String about = text.substring(from, done.start());
            switch (done.group()) {
                case "안내" -> isPostponing |= about.startsWith("된") && isOpening(about); // 변경된 개시 시점 안내
                case "변경" -> isPostponing |= isOpening(about);
                case "취소", "철회" -> {
                    if (isSupport(about)
                            && !(about.isBlank() && CHANGE.matcher(before).matches())) {
                        Set<String> named = named(about, text, coins);
                        named.forEach(coin -> cancelled.put(coin, TitleCoins.namedMarkets(about)));
                        isUnclear |= named.isEmpty();
                    }
                }
                default -> isPostponing |= isOpening(about) || isSupport(about);
            }
            before = done.group();
            from = done.end();
        }
        return new Amendment(isPostponing, cancelled, isUnclear);
    }

    private static boolean isOpening(String about) {
        return OPENING.matcher(about).find()
                && (about.contains("거래") || !WALLET.matcher(about).find());
    }

    /// Whether the support itself is meant: it is named, or nothing else is.
    private static boolean isSupport(String about) {
        return SUPPORT.matcher(about).find() || !SOMETHING_ELSE.matcher(about).find();
    }

    /// The coins that are meant: those named before what is done to them, else those named with it anywhere, else all;
    /// none where it cannot be said.
    private static Set<String> named(String about, String text, TitleCoins coins) {
        for (String where : List.of(about, text)) {
            Set<String> named = coins.symbols().stream()
                    .filter(symbol -> isNamed(symbol, coins.name(symbol), where))
                    .collect(Collectors.toSet());
            if (!named.isEmpty()) {
                return named;
            }
        }
        boolean namesOthers = about.contains("일부") || tickers(text).anyMatch(Amendment::isOther);
        return namesOthers ? Set.of() : coins.symbols();
    }

    /// By its ticker, which is no market there, or in words.
    private static boolean isNamed(String symbol, String name, String text) {
        String rest = TitleCoins.withoutMarkets(text);
        int at = name.length() > 1 ? rest.indexOf(name) : -1;
        return tickers(rest).anyMatch(symbol::equals)
                || at == 0
                || (at > 0 && !Character.isLetterOrDigit(rest.charAt(at - 1)));
    }

    /// Whether a word that can be a ticker is neither a number, as of a date, nor a market.
    private static boolean isOther(String word) {
        return word.chars().anyMatch(Character::isLetter)
                && TitleCoins.quotes(word).isEmpty();
    }

    private static Stream<String> tickers(String text) {
        return TICKER.matcher(text).results().map(MatchResult::group);
    }
}
