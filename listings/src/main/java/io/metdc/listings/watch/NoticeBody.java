package io.metdc.listings.watch;

import io.metdc.listings.Contract;
import io.metdc.listings.Listing;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.Elements;
import org.jsoup.select.NodeVisitor;

/// What the text of a listing notice says beside its title: HTML tables and Markdown, in Korean. What cannot be read
/// with certainty is not there; nothing is guessed.
///
/// @param openings  when trading begins
/// @param markets   the quote assets on which each coin is listed, by the table of the listing; a coin of which that
///                  does not surely say all is not among them
/// @param contracts where the coins live
public record NoticeBody(List<Opening> openings, Map<String, List<String>> markets, List<Contract> contracts) {
    /// When trading begins.
    ///
    /// @param coin    "" where the text does not name one, so that it is that of all coins of the notice
    /// @param market  the quote asset; "" where the text does not name one
    /// @param changed whether the text says that it takes the place of another time
    public record Opening(String coin, String market, Instant at, boolean changed) {}

    public NoticeBody {
        openings = List.copyOf(openings);
        markets = Map.copyOf(markets);
        contracts = List.copyOf(contracts);
    }

    /// Where a coin lives, as far as the text says.
    ///
    /// @param isAlone whether the notice is about no other coin, so that what names none is about this one
    public List<Contract> contracts(String coin, boolean isAlone) {
        return contracts.stream()
                .filter(contract -> contract.coin().equals(coin)
                        || (isAlone && contract.coin().isEmpty()))
                .map(contract -> new Contract(coin, contract.network(), contract.address()))
                .distinct()
                .toList();
    }

    /// When trading of a coin begins on one of its markets; empty when the text does not say, or says several times of
    /// which none takes the place of the others.
    public Optional<Instant> opening(String coin, String market) {
        List<Opening> about = openings.stream()
                .filter(opening -> opening.coin().isEmpty() || opening.coin().equals(coin))
                .filter(opening ->
                        opening.market().isEmpty() || opening.market().equals(market))
                .toList();
        boolean isChanged = about.stream().anyMatch(Opening::changed);
        int most = about.stream()
                .filter(opening -> opening.changed() == isChanged)
                .mapToInt(NoticeBody::nearness)
                .max()
                .orElse(0);
        Set<Instant> times = about.stream()
                .filter(opening -> opening.changed() == isChanged && nearness(opening) == most)
                .map(Opening::at)
                .collect(Collectors.toSet());
        return times.size() == 1 ? Optional.of(times.iterator().next()) : Optional.empty();
    }

    private static int nearness(Opening opening) {
        return (opening.coin().isEmpty() ? 0 : 2) + (opening.market().isEmpty() ? 0 : 1);
    }

    /// Reads the text of a notice.
    ///
    /// @param firstListedAt of the notice: times are written without a year
    public static NoticeBody read(String body, Instant firstListedAt) {
        return new Reading(firstListedAt).read(body);
    }

    /// One text being read.
    private static final class Reading {
        private static final ZoneId KST = ZoneId.of("Asia/Seoul");
        private static final int MAX_BODY = 1 << 18; // the longest that was seen had a tenth
        private static final int MAX_TABLES = 100;
        private static final int MAX_SPAN = 100;

        private static final String DAY_OF_WEEK = "(?:\\s*\\([월화수목금토일]\\))?";
        private static final Pattern TIME = Pattern.compile("(?:(?:(?<year>\\d{4})년\\s*)?(?<month>\\d{1,2})월\\s*"
                + "(?<day>\\d{1,2})일|(?<y>\\d{4})[-./]\\s?(?<m>\\d{1,2})[-./]\\s?(?<d>\\d{1,2})\\.?)"
                + DAY_OF_WEEK
                + "\\s*(?<half>오전|오후)?\\s*(?:(?<hour>\\d{1,2})시(?:\\s*(?<minute>\\d{1,2})분)?"
                + "|(?<h>\\d{1,2}):(?<min>\\d{2}))(?!\\d)");
        private static final Pattern FORMER = Pattern.compile("기존|변경\\s*전|이전|당초|종전");
        private static final Pattern CHANGED = Pattern.compile("변경|연기|→|->|➔|⇒");
        private static final Pattern OPENING = Pattern.compile("거래\\s*(?:지원)?\\s*개시");
        private static final Pattern COIN_IN_PARENTHESES = Pattern.compile("\\(([A-Z0-9]{1,12})\\)");
        private static final Pattern MARKET = Pattern.compile("(?<![A-Za-z0-9])(KRW|BTC|USDT|ETH)(?![A-Za-z0-9])|(원화)");
        private static final Pattern ADDRESS = Pattern.compile(
                "(?<![A-Za-z0-9])0x[0-9a-fA-F]{40,64}(?:::\\w{1,64}){0,2}(?![A-Za-z0-9])" // EVM, Sui, Aptos
                        + "|(?<![A-Za-z0-9/])[1-9A-HJ-NP-Za-km-z]{32,44}(?![A-Za-z0-9])"); // Solana and others
        private static final Pattern BETWEEN_MARKETS = Pattern.compile("마켓|[\\s,/·・ㆍ&]");
        private static final Set<String> LINES = Set.of("p", "li", "div", "h1", "h2", "h3", "h4");
        private static final Pattern SEPARATOR = Pattern.compile("[\\s|:-]*-{2,}[\\s|:-]*");

        private final Instant firstListedAt;
        private final List<Opening> openings = new ArrayList<>();
        private final Set<Contract> contracts = new LinkedHashSet<>();
        private final Map<String, Set<String>> networks = new HashMap<>(); // of each coin
        private final Map<String, Set<String>> markets = new HashMap<>(); // of each coin; none where it is not certain

        Reading(Instant firstListedAt) {
            this.firstListedAt = firstListedAt;
        }

        NoticeBody read(String body) {
            String bounded = body.length() > MAX_BODY ? body.substring(0, MAX_BODY) : body;
            Document document = Jsoup.parse(bounded.replaceAll("~~[^~\\n]*~~", ""));
            document.select("del, s, strike").remove(); // no longer true
            Elements tables = document.select("table");
            tables.stream().limit(MAX_TABLES).forEach(table -> table(cells(table)));
            tables.remove();
            lines(text(document).lines().map(String::strip).toList());
            networks.forEach((coin, names) -> {
                if (contracts.stream().noneMatch(contract -> contract.coin().equals(coin))) {
                    names.forEach(name -> contracts.add(new Contract(coin, name, "")));
                }
            });
            Map<String, List<String>> certain = new HashMap<>();
            markets.forEach((coin, quotes) -> {
                if (!quotes.isEmpty()) {
                    certain.put(coin, List.copyOf(quotes));
                }
            });
            return new NoticeBody(openings, certain, List.copyOf(contracts));
        }

        /// What stands in an element, with the ends of lines that a person sees.
        private static String text(Element element) {
            StringBuilder text = new StringBuilder();
            element.traverse(new NodeVisitor() {
                @Override
                public void head(Node node, int depth) {
                    if (node instanceof TextNode written) {
                        text.append(written.getWholeText());
                    } else if (isLine(node) || node.nodeName().equals("br")) {
                        text.append('\n');
                    }
                }

                @Override
                public void tail(Node node, int depth) {
                    if (isLine(node)) {
                        text.append('\n');
                    }
                }
            });
            return text.toString();
        }

        private static boolean isLine(Node node) {
            return LINES.contains(node.nodeName());
        }

        // ---- tables

        private static List<List<String>> cells(Element table) {
            List<List<String>> rows = new ArrayList<>();
            Map<Integer, Map<Integer, String>> spanned = new HashMap<>();
            int number = 0;
            for (Element line : lines(table)) {
                List<String> row = new ArrayList<>();
                Map<Integer, String> fromAbove = spanned.getOrDefault(number, Map.of());
                for (Element cell : line.children()) {
                    if (!cell.nameIs("td") && !cell.nameIs("th")) {
                        continue;
                    }
                    while (fromAbove.containsKey(row.size())) {
                        row.add(fromAbove.get(row.size()));
                    }
                    String text = text(cell).strip();
                    int down = span(cell, "rowspan");
                    for (int across = span(cell, "colspan"); across > 0 && row.size() < MAX_SPAN; across--) {
                        for (int below = 1; below < down; below++) {
                            spanned.computeIfAbsent(number + below, _ -> new HashMap<>())
                                    .put(row.size(), text);
                        }
                        row.add(text);
                    }
                }
                while (fromAbove.containsKey(row.size())) {
                    row.add(fromAbove.get(row.size()));
                }
                rows.add(row);
                number++;
            }
            return rows;
        }

        /// Its own, not those of a table within one of its cells.
        private static List<Element> lines(Element table) {
            return table.children().stream()
                    .flatMap(part -> part.nameIs("tr") ? Stream.of(part) : part.children().stream())
                    .filter(line -> line.nameIs("tr"))
                    .toList();
        }

        private static int span(Element cell, String name) {
            String text = cell.attr(name);
            return text.matches("[1-9]\\d?") ? Integer.parseInt(text) : 1;
        }

        /// A table whose first row says what its columns are.
        private void table(List<List<String>> rows) {
            if (rows.isEmpty()) {
                return;
            }
            List<String> head = rows.getFirst();
            int asset = column(head, "자산|코인|종목|심볼", "");
            int opening = column(head, "거래\\s*(?:지원)?\\s*개시|거래\\s*(?:지원)?\\s*시작|거래지원\\s*시점", "입출금");
            int market = column(head, "마켓", "개시|시점");
            int network = column(head, "네트워크", "개시|시점|주소");
            int address = column(head, "컨트랙트|계약\\s*주소|주소", "입금");
            if (asset < 0) {
                return;
            }
            if (market >= 0 && (network >= 0 || opening >= 0)) { // others are about orders or prices on some market
                listed(rows, asset, market);
            }
            for (List<String> row : rows.subList(1, rows.size())) {
                String coin = coin(cell(row, asset));
                if (coin.isEmpty()) {
                    continue;
                }
                List<String> markets = markets(cell(row, market));
                time(cell(row, opening)).ifPresent(time -> open(coin, markets, time));
                String where = cell(row, network).replaceAll("\\s+", " ");
                Optional<String> contract = address(cell(row, address));
                if (contract.isPresent()) {
                    contracts.add(new Contract(coin, where, contract.get()));
                } else if (!where.isEmpty() && where.length() <= MAX_SPAN) {
                    networks.computeIfAbsent(coin, _ -> new LinkedHashSet<>()).add(where);
                }
            }
        }

        /// A table of what is listed where. Of two tables that do not say the same of a coin neither counts.
        private void listed(List<List<String>> rows, int asset, int market) {
            Map<String, Set<String>> table = new HashMap<>();
            Set<String> unclear = new HashSet<>();
            for (List<String> row : rows.subList(1, rows.size())) {
                String text = cell(row, market);
                boolean isClear = BETWEEN_MARKETS
                        .matcher(MARKET.matcher(text).replaceAll(""))
                        .replaceAll("")
                        .isEmpty();
                for (String coin : coinsOf(cell(row, asset))) {
                    table.computeIfAbsent(coin, _ -> new LinkedHashSet<>()).addAll(markets(text));
                    if (!isClear || markets(text).isEmpty()) {
                        unclear.add(coin);
                    }
                }
            }
            table.forEach((coin, quotes) -> markets.merge(
                    coin, unclear.contains(coin) ? Set.of() : quotes, (a, b) -> a.equals(b) ? a : Set.of()));
        }

        private static int column(List<String> head, String what, String butNot) {
            for (int i = 0; i < head.size(); i++) {
                boolean isAnother = !butNot.isEmpty()
                        && Pattern.compile(butNot).matcher(head.get(i)).find();
                if (Pattern.compile(what).matcher(head.get(i)).find() && !isAnother) {
                    return i;
                }
            }
            return -1;
        }

        private static String cell(List<String> row, int column) {
            return column >= 0 && column < row.size() ? row.get(column) : "";
        }

        /// The one coin of a cell: `커브(CRV)` or `CRV`.
        private static String coin(String cell) {
            Set<String> named = coinsOf(cell);
            return named.size() == 1 ? named.iterator().next() : "";
        }

        private static Set<String> coinsOf(String cell) {
            Set<String> named = COIN_IN_PARENTHESES
                    .matcher(cell)
                    .results()
                    .map(found -> found.group(1))
                    .collect(Collectors.toSet());
            return named.isEmpty() && Listing.isCoin(cell.strip()) ? Set.of(cell.strip()) : named;
        }

        private static List<String> markets(String text) {
            return MARKET.matcher(text)
                    .results()
                    .map(found -> found.group(1) == null ? "KRW" : found.group(1))
                    .distinct()
                    .toList();
        }

        // ---- text

        private void lines(List<String> lines) {
            List<List<String>> table = new ArrayList<>();
            for (String line : lines) {
                if (line.startsWith("|") || (!table.isEmpty() && line.contains("|"))) {
                    if (!SEPARATOR.matcher(line).matches()) {
                        table.add(markdownCells(line));
                    }
                    continue;
                }
                table(table);
                table.clear();
                line(line);
            }
            table(table);
        }

        private static List<String> markdownCells(String line) {
            String inner = line.replaceFirst("^\\|", "").replaceFirst("\\|$", "");
            List<String> cells = new ArrayList<>();
            for (String cell : inner.split("\\|", -1)) {
                cells.add(cell.replace("*", "").replace("`", "").strip());
            }
            return cells;
        }

        /// `거래지원 개시 시점 : 2026-08-10 14:00 KST`, or the address of a contract.
        private void line(String written) {
            String line = written.replace("*", "").replace("`", "");
            Matcher opening = OPENING.matcher(line);
            if (opening.find()) {
                String before = line.substring(0, opening.start());
                boolean isFormer = FORMER.matcher(before).find();
                time(line.substring(opening.start()))
                        .filter(_ -> !isFormer)
                        .map(time -> new Time(
                                time.at(),
                                time.changed() || CHANGED.matcher(before).find()))
                        .ifPresent(time -> coins(before).forEach(coin -> open(coin, markets(before), time)));
            }
            if (line.contains("컨트랙트") || line.contains("계약 주소")) {
                List<String> coins = coins(line);
                if (coins.size() == 1) {
                    address(line).ifPresent(found -> contracts.add(new Contract(coins.getFirst(), "", found)));
                }
            }
        }

        /// The coins that a line names; one that is "" where it names none.
        private static List<String> coins(String line) {
            List<String> named = COIN_IN_PARENTHESES
                    .matcher(line)
                    .results()
                    .map(found -> found.group(1))
                    .filter(coin -> !MARKET.matcher(coin).matches())
                    .distinct()
                    .toList();
            return named.isEmpty() ? List.of("") : named;
        }

        private static Optional<String> address(String text) {
            List<String> found = ADDRESS.matcher(text)
                    .results()
                    .map(MatchResult::group)
                    .distinct()
                    .toList();
            return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
        }

        // ---- times

        private record Time(Instant at, boolean changed) {}

        private void open(String coin, List<String> markets, Time time) {
            for (String market : markets.isEmpty() ? List.of("") : markets) {
                openings.add(new Opening(coin, market, time.at(), time.changed()));
            }
        }

        /// The one time that a text gives: former ones do not count, changed ones come before the others.
        private Optional<Time> time(String text) {
            Set<Instant> plain = new LinkedHashSet<>();
            Set<Instant> changed = new LinkedHashSet<>();
            Matcher matcher = TIME.matcher(text);
            int end = 0;
            while (matcher.find()) {
                String before = text.substring(end, matcher.start());
                end = matcher.end();
                Optional<Instant> at = instant(matcher);
                if (at.isEmpty()) {
                    return Optional.empty(); // which of them it is cannot be said
                }
                int former = last(FORMER, before);
                int change = last(CHANGED, before);
                if (former < 0 && change < 0) {
                    plain.add(at.get());
                } else if (change > former && !isFormer(before, change)) {
                    changed.add(at.get());
                }
            }
            Set<Instant> valid = changed.isEmpty() ? plain : changed;
            return valid.size() == 1
                    ? Optional.of(new Time(valid.iterator().next(), !changed.isEmpty()))
                    : Optional.empty();
        }

        /// 변경 전: the word of a change begins that of what was before it.
        private static boolean isFormer(String text, int at) {
            return text.substring(at).matches("(?s)변경\\s*전.*");
        }

        private static int last(Pattern pattern, String text) {
            return pattern.matcher(text)
                    .results()
                    .mapToInt(MatchResult::start)
                    .max()
                    .orElse(-1);
        }

        private Optional<Instant> instant(Matcher time) {
            String year = time.group("year") == null ? time.group("y") : time.group("year");
            int month = number(time, "month", "m");
            int day = number(time, "day", "d");
            int hour = number(time, "hour", "h");
            int minute = number(time, "minute", "min");
            if ("오후".equals(time.group("half")) && hour < 12) {
                hour += 12;
            } else if ("오전".equals(time.group("half")) && hour == 12) {
                hour = 0;
            }
            if (year != null) {
                return instant(Integer.parseInt(year), month, day, hour, minute);
            }
            int first = LocalDate.ofInstant(firstListedAt, KST).getYear();
            List<Instant> years = new ArrayList<>(); // the nearest is meant: January, in a notice of December
            for (int candidate = first - 1; candidate <= first + 1; candidate++) {
                instant(candidate, month, day, hour, minute).ifPresent(years::add);
            }
            return years.stream()
                    .min(Comparator.comparing(
                            at -> Duration.between(firstListedAt, at).abs()));
        }

        private static Optional<Instant> instant(int year, int month, int day, int hour, int minute) {
            try {
                LocalDate date = LocalDate.of(year, month, day);
                LocalDateTime time =
                        hour == 24 && minute == 0 ? date.plusDays(1).atStartOfDay() : date.atTime(hour, minute);
                return Optional.of(time.atZone(KST).toInstant());
            } catch (DateTimeException e) {
                return Optional.empty();
            }
        }

        private static int number(Matcher time, String name, String otherwise) {
            String text = time.group(name) == null ? time.group(otherwise) : time.group(name);
            return text == null ? 0 : Integer.parseInt(text);
        }
    }
}
