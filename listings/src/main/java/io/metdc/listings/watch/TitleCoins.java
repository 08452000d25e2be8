package io.metdc.listings.watch;

import io.metdc.listings.Listing;
import io.metdc.listings.watch.TitleText.Group;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The coins of a title and their markets, whatever the title is about. It goes through groups and lists of markets in
/// their order:
///
/// ```
/// 이름(A), 이름(B) … (KRW, BTC 마켓)      markets are those of the coins before them that have none yet
/// 이름(A)(KRW 마켓), 이름(B)(BTC 마켓) …  the same
/// KRW, BTC 마켓 … (이름 A, 이름 B)        markets before any coin are those of the coins after them
/// 이름 원화 마켓(A/KRW) …                 a pair says both
/// ```
final class TitleCoins {
    private static final String TOKEN = "(?:(?<![A-Za-z0-9])(?:KRW|BTC|USDT|ETH)(?![A-Za-z0-9])|원화)";
    private static final String AND = " ?(?:[,/·&+;]|및|와|과)? ?";

    /// A quote asset that is not known yet does not end a list.
    private static final String LIST =
            TOKEN + "(?:" + AND + TOKEN + "| ?[,/·&+;] ?[A-Z]{3,5}(?![A-Za-z0-9]))*+ ?마켓(?!플레이스|메이)";

    private static final Pattern QUOTE = Pattern.compile(TOKEN);
    private static final Pattern MARKETS = Pattern.compile(LIST + "(?:" + AND + LIST + ")*+");
    private static final Pattern ONLY_QUOTES = Pattern.compile(TOKEN + "(?:" + AND + TOKEN + ")*+");
    private static final Pattern PAIR = Pattern.compile("([A-Z0-9]{1,12}) ?([/-]) ?([A-Z0-9]{1,12})");
    private static final Pattern NUMBER = Pattern.compile("[0-9]+");
    private static final Pattern OTHERS = Pattern.compile("외 ?[0-9]+ ?[개종건]");
    private static final Pattern DATE = Pattern.compile("[0-9] ?(?::[0-9]|[년월일시])");
    private static final Pattern WORD = Pattern.compile("[^ ()]+");
    private static final Pattern SEPARATOR = Pattern.compile("[,:;/·&+]| 및 ");

    private final TitleText title;
    private final int announcedUntil;
    private final List<MatchResult> lists;
    private final boolean isLoose;

    private final Map<String, Set<String>> markets = new LinkedHashMap<>();
    private final Map<String, String> names = new LinkedHashMap<>();
    private final Map<Integer, Integer> nameBegins = new LinkedHashMap<>(); // by where its group stands
    private final List<String> waiting = new ArrayList<>(); // for their markets
    private Set<String> before = Set.of(); // any coin
    private boolean isMarketsFirst;
    private boolean hasNameless;

    private TitleCoins(TitleText title, int announcedUntil, boolean isLoose) {
        this.title = title;
        this.announcedUntil = announcedUntil;
        this.isLoose = isLoose;
        hasNameless = OTHERS.matcher(title.whole()).find();
        lists = MARKETS.matcher(title.outside()).results().toList();
    }

    /// @param announcedUntil where in the text outside of parentheses the words end that announce a listing; 0 if there
    ///                       are none
    static TitleCoins of(TitleText title, int announcedUntil) {
        TitleCoins coins = new TitleCoins(title, announcedUntil, false).read();
        return coins.markets.isEmpty() ? new TitleCoins(title, announcedUntil, true).read() : coins;
    }

    /// In the title's order.
    List<NoticeTitle.Coin> listings() {
        return markets.entrySet().stream()
                .map(coin -> new NoticeTitle.Coin(coin.getKey(), List.copyOf(coin.getValue())))
                .toList();
    }

    Set<String> symbols() {
        return Set.copyOf(markets.keySet());
    }

    /// How the title calls a coin in words; "" if it does not.
    String name(String symbol) {
        return names.getOrDefault(symbol, "");
    }

    /// Whether there are coins, all of them with markets, and none that stands there without ticker.
    boolean isComplete() {
        return !markets.isEmpty() && !hasNameless && markets.values().stream().noneMatch(Set::isEmpty);
    }

    /// The text outside of parentheses with the last word of each coin's name blanked out: it says nothing about the
    /// notice, whatever it means.
    ///
    /// @param noName what those words are no name with, but what happens to the coin
    String outsideWithoutNames(Pattern noName) {
        StringBuilder text = new StringBuilder(title.outside());
        nameBegins.forEach((at, begin) -> {
            int word = Math.max(begin, text.lastIndexOf(" ", at - 2) + 1);
            if (word < at && !noName.matcher(text.substring(word, at).strip()).find()) {
                text.replace(word, at, " ".repeat(at - word));
            }
        });
        return text.toString();
    }

    /// The quote assets that a text names, in its order.
    static Set<String> quotes(String text) {
        Set<String> quotes = new LinkedHashSet<>();
        Matcher token = QUOTE.matcher(text);
        while (token.find()) {
            quotes.add(token.group().equals("원화") ? "KRW" : token.group());
        }
        return quotes;
    }

    /// The quote assets whose markets a text names.
    static Set<String> namedMarkets(String text) {
        Set<String> quotes = new LinkedHashSet<>();
        MARKETS.matcher(text).results().forEach(list -> quotes.addAll(quotes(list.group())));
        return quotes;
    }

    /// The text without its lists of markets, in which the names of coins are coins.
    static String withoutMarkets(String text) {
        return MARKETS.matcher(text).replaceAll(" ");
    }

    private TitleCoins read() {
        int next = 0;
        for (Group group : title.groups()) {
            while (next < lists.size() && lists.get(next).start() < group.at()) {
                named(quotes(lists.get(next++).group()), true);
            }
            take(group);
        }
        while (next < lists.size()) {
            named(quotes(lists.get(next++).group()), true);
        }
        give(waiting, before);
        return this;
    }

    private void take(Group group) {
        String text = group.text();
        if (Amendment.is(text)
                || lists.stream().anyMatch(list -> list.start() < group.at() && group.at() <= list.end() - 1)) {
            return; // the latter says a market twice: 원화(KRW) 마켓
        }
        if (text.endsWith("마켓") && !quotes(text).isEmpty()) {
            takeMarkets(text);
        } else if (ONLY_QUOTES.matcher(text).matches() && !isCoinPlace(group)) {
            named(quotes(text), false);
        } else if (Listing.isCoin(text)) {
            takeSymbol(group);
        } else {
            takeList(group);
        }
    }

    /// Markets of all, or of coins that it names: `TIA: KRW 마켓, IO: BTC 마켓`.
    private void takeMarkets(String text) {
        int from = 0;
        for (MatchResult list : MARKETS.matcher(text).results().toList()) {
            List<String> of = words(text.substring(from, list.start()))
                    .map(word -> word.replaceAll("[,:]", ""))
                    .filter(markets::containsKey)
                    .toList();
            if (of.isEmpty()) {
                named(quotes(list.group()), false);
            } else {
                give(of, quotes(list.group()));
            }
            from = list.end();
        }
        if (from == 0) {
            named(quotes(text), false);
        }
    }

    /// @param isInText whether it stands outside of parentheses: then, after other markets that stood before coins, it
    ///                 begins anew
    private void named(Set<String> quotes, boolean isInText) {
        if (isInText && isMarketsFirst) {
            give(waiting, before);
            before = quotes;
        } else if (!waiting.isEmpty()) {
            give(waiting, quotes);
        } else if (markets.isEmpty()) {
            isMarketsFirst = true;
            before = quotes;
        } // else they have theirs
    }

    private void give(Collection<String> coins, Set<String> quotes) {
        for (String coin : List.copyOf(coins)) {
            Objects.requireNonNull(markets.get(coin)).addAll(quotes);
        }
        waiting.removeIf(coin -> !Objects.requireNonNull(markets.get(coin)).isEmpty());
    }

    private void add(String symbol, String name, Set<String> quotes) {
        if (markets.putIfAbsent(symbol, new LinkedHashSet<>(quotes)) == null) {
            names.put(symbol, name);
            if (quotes.isEmpty()) {
                waiting.add(symbol);
            }
        } else {
            give(List.of(symbol), quotes);
        }
    }

    /// Whether quote assets in parentheses are coins here: `테더(USDT)`, `이더리움(ETH/KRW)`, but not `조라(ZORA)(KRW)`.
    private boolean isCoinPlace(Group group) {
        if (title.outside().startsWith("마켓", group.at())) {
            return false;
        }
        if (isMarketsFirst && markets.isEmpty()) {
            return true;
        }
        return (Listing.isCoin(group.text()) || PAIR.matcher(group.text()).matches())
                && !nameBegins.containsKey(group.at())
                && nameBegin(group) < nameEnd(group);
    }

    private void takeSymbol(Group group) {
        boolean isNamed = nameBegin(group) < nameEnd(group);
        boolean isRemark = !markets.isEmpty()
                && !isNamed
                && (isNumber(group.text()) || (isAnnouncedBefore(group) && !isMarketsFirst));
        if (!isRemark) {
            nameBegins.put(group.at(), nameBegin(group));
            add(group.text(), title.outside().substring(nameBegin(group), nameEnd(group)), Set.of());
        }
    }

    private record Part(String name, String symbol, Set<String> quotes) {}

    private void takeList(Group group) {
        if (DATE.matcher(group.text()).find()) {
            return;
        }
        List<String> written = split(group.text());
        List<Part> parts = written.stream().map(TitleCoins::part).toList();
        List<Part> coins =
                parts.stream().filter(part -> !part.symbol().isEmpty()).toList();
        boolean isWhole = coins.size() == parts.size();
        boolean isPlain = isWhole
                && (written.stream().allMatch(Listing::isCoin)
                        || coins.stream().noneMatch(part -> part.quotes().isEmpty()));
        boolean isList = isLoose || isMarketsFirst || isPlain || (markets.isEmpty() && isAnnouncedBefore(group));
        boolean isRemark = !markets.isEmpty() && !isWhole;
        boolean areNumbers = coins.stream()
                .allMatch(part -> isNumber(part.symbol()) && part.name().chars().noneMatch(Character::isLetter));
        if (isList && !isRemark && !areNumbers) {
            hasNameless |= !isWhole;
            coins.forEach(coin -> add(coin.symbol(), coin.name(), coin.quotes()));
        }
    }

    /// One of a list: `이름 SYM`, `SYM`, `이름(SYM)`, `SYM(KRW, BTC)`, `SYM/KRW`, `KRW-SYM`.
    private static Part part(String text) {
        Matcher pair = PAIR.matcher(text);
        if (pair.matches()) {
            return pairOf(pair);
        }
        int open = text.indexOf('(');
        String inner = open > 0 ? text.substring(open) : "";
        String outer = symbol(text.substring(0, text.length() - inner.length()));
        if (!outer.isEmpty() && !quotes(inner).isEmpty()) {
            return new Part("", outer, quotes(inner));
        }
        String symbol = symbol(text);
        String name = text.substring(0, symbol.isEmpty() ? 0 : text.lastIndexOf(symbol));
        return new Part(name.replace("(", "").strip(), symbol, Set.of());
    }

    private static Part pairOf(Matcher pair) {
        boolean isBaseFirst = pair.group(2).equals("/") ? isQuote(pair.group(3)) : !isQuote(pair.group(1));
        String base = pair.group(isBaseFirst ? 1 : 3);
        String quote = pair.group(isBaseFirst ? 3 : 1);
        return isQuote(quote) ? new Part("", base, Set.of(quote)) : new Part("", "", Set.of());
    }

    private static boolean isNumber(String text) {
        return NUMBER.matcher(text).matches();
    }

    private static boolean isQuote(String text) {
        return QUOTE.matcher(text).matches();
    }

    /// The last word that is one; "" if none is.
    private static String symbol(String text) {
        return words(text).filter(Listing::isCoin).reduce("", (_, last) -> last);
    }

    private static Stream<String> words(String text) {
        return WORD.matcher(text).results().map(MatchResult::group);
    }

    /// At the separators outside of inner parentheses; a pair stays one.
    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        for (String part : split(text, ",;·&+")) {
            Matcher pair = PAIR.matcher(part);
            if (pair.matches() && !pairOf(pair).symbol().isEmpty()) {
                parts.add(part);
            } else {
                parts.addAll(split(part, "/"));
            }
        }
        return parts;
    }

    private static List<String> split(String text, String separators) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (depth <= 0 && separators.indexOf(c) >= 0) {
                parts.add(text.substring(from, i));
                from = i + 1;
            }
        }
        parts.add(text.substring(from));
        return parts.stream()
                .flatMap(part -> Arrays.stream(part.split(" 및 ", -1)))
                .map(String::strip)
                .toList();
    }

    private boolean isAnnouncedBefore(Group group) {
        return announcedUntil > 0 && announcedUntil <= group.at();
    }

    private int nameEnd(Group group) {
        int end = group.at();
        while (end > 0 && title.outside().charAt(end - 1) == ' ') {
            end--;
        }
        return end;
    }

    /// Where the words begin that stand before a group, up to what separates them from others.
    private int nameBegin(Group group) {
        int end = nameEnd(group);
        int begin = announcedUntil <= end ? announcedUntil : 0;
        for (MatchResult list : lists) {
            begin = list.end() <= end ? Math.max(begin, list.end()) : begin;
        }
        Matcher separator = SEPARATOR.matcher(title.outside()).region(begin, end);
        while (separator.find()) {
            begin = separator.end();
        }
        while (begin < end && title.outside().charAt(begin) == ' ') {
            begin++;
        }
        return begin;
    }
}
