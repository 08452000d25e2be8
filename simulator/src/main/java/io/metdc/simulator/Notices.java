package io.metdc.simulator;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.market.Nanos;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Upbit's notices: those of the past month, and what is published while the simulator runs. Answers the web site's
/// own requests for the list and for one notice, and tells the private WebSocket ([UpbitNoticeSession]).
///
/// Source: captures of the site's requests in August 2026 and of its limits in October 2025; nothing of it is
/// documented, except for the WebSocket. Any thread may call it.
final class Notices {
    /// Where the list is, on the server of REST.
    static final String PATH = "/api/v1/announcements";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ssxxx").withZone(NoticeBody.KST);
    private static final Set<String> SYSTEMS = Set.of("web", "ios", "android");
    private static final Set<String> OWN_SITES = Set.of("https://upbit.com", "https://www.upbit.com");
    private static final Duration BADGE = Duration.ofHours(24);
    /// How old a page is that a cache keeps for too long.
    private static final Duration STALE = Duration.ofMinutes(1);
    private static final int MOST_ROWS = 30;
    private static final int MOST_NOTICES = 10_000;
    private static final int MOST_STATES = 1_000;
    private static final long FIRST_ID = 6_300;
    /// How long ago the newest notice of the past is.
    private static final Duration QUIET = Duration.ofHours(3);
    private static final int PAST_MINUTES = 26 * 60; // between two of them, at most
    private static final long AMENDED_MINUTES = 10 * 24 * 60L; // after which it was amended, at most

    // Of 50 requests half a second apart, the 16th was refused first; of those two seconds apart, none.
    private static final int REQUESTS = 8;
    private static final Duration REQUEST_AGAIN = Duration.ofSeconds(1);
    private static final int DETAILS = 2;
    private static final Duration DETAIL_AGAIN = Duration.ofSeconds(30);

    private final TokenBucket requests;
    private final TokenBucket details;
    private final SplitMix random;
    /// By uuid, in the order of their ids. Guarded by this.
    private final Map<String, Notice> notices = new LinkedHashMap<>();
    /// Guarded by this.
    private final PriorityQueue<Push> pushes = new PriorityQueue<>(Comparator.comparing(Push::at));
    private final List<Notice> pinned;
    private long id = FIRST_ID;
    /// Who is told. Guarded by this.
    private @Nullable UpbitNoticeSession listener;

    /// A notice; what can change of it is in its states, the newest last.
    record Notice(
            long id,
            String uuid,
            SimulatedNotice.Category category,
            Instant firstListedAt,
            SimulatedNotice published,
            List<State> states) {

        NoticeBody body(State state) {
            return new NoticeBody(state.title(), state.opensAt(), published.tables());
        }

        /// As everybody could see it at a time; null before.
        @Nullable
        State at(Instant time) {
            return states.reversed().stream()
                    .filter(state -> !state.visibleAt().isAfter(time))
                    .findFirst()
                    .orElse(null);
        }
    }

    /// @param opensAt   when trading begins, as its body says; null: to be announced
    /// @param visibleAt when the list shows it
    record State(String title, @Nullable Instant opensAt, Instant listedAt, boolean amended, Instant visibleAt) {}

    /// What the WebSocket will say.
    record Push(Instant at, Notice notice, State state, boolean isNew) {}

    private record Row(Notice notice, State state) {
        long id() {
            return notice.id();
        }

        Instant listedAt() {
            return state.listedAt();
        }
    }

    /// By publication, or by the latest amendment.
    private static final Comparator<Row> NEWEST_FIRST =
            Comparator.comparing(Row::listedAt).thenComparingLong(Row::id).reversed();

    private static final Comparator<Row> OLDEST_FIRST = Comparator.comparingLong(Row::id);

    Notices(SimulatorOptions options) {
        random = new SplitMix(SplitMix.seed(options.seed(), "notices"));
        int allowed = options.restWeight();
        requests = allowed == 0
                ? new TokenBucket(REQUESTS, REQUEST_AGAIN)
                : new TokenBucket(allowed, Duration.ofSeconds(1).dividedBy(allowed));
        details = allowed == 0
                ? new TokenBucket(DETAILS, DETAIL_AGAIN)
                : new TokenBucket(allowed, Duration.ofSeconds(1).dividedBy(allowed));
        Instant newest =
                options.clock().instant().truncatedTo(ChronoUnit.SECONDS).minus(QUIET);
        pinned = PastNotices.PINNED.stream().map(past -> pinned(past, newest)).toList();
        List<Instant> times = new ArrayList<>();
        Instant time = newest;
        for (int i = 0; i < PastNotices.TITLES.size(); i++) {
            times.add(time);
            time = time.minusSeconds(60L * (20 + random.below(PAST_MINUTES)) + random.below(60));
        }
        for (int i = 0; i < times.size(); i++) {
            past(PastNotices.TITLES.get(i), times.get(times.size() - 1 - i), newest);
        }
    }

    private static Notice pinned(PastNotices.Past past, Instant newest) {
        Instant at = newest.minus(Duration.ofDays(past.days()));
        SimulatedNotice notice = SimulatedNotice.of(past.category(), past.title());
        long id = FIRST_ID - 4L * past.days();
        return new Notice(
                id,
                Long.toString(id),
                past.category(),
                at,
                notice,
                List.of(new State(past.title(), null, at, false, at)));
    }

    private void past(PastNotices.Past past, Instant at, Instant newest) {
        long room = Math.min(AMENDED_MINUTES, Duration.between(at, newest).toMinutes());
        boolean amended = past.amended() && room > 1;
        Instant listedAt = amended ? at.plusSeconds(60 * (1L + random.below((int) room))) : at;
        add(
                SimulatedNotice.of(past.category(), past.title()),
                at,
                new State(past.title(), null, listedAt, amended, at));
    }

    static String time(Instant time) {
        return TIME.format(time);
    }

    // ---- published

    /// Publishes a notice.
    ///
    /// @param at when; its second is what the notice says
    /// @return its uuid
    synchronized String publish(SimulatedNotice notice, Instant at) {
        Instant second = at.truncatedTo(ChronoUnit.SECONDS);
        Notice added = add(
                notice,
                second,
                new State(notice.title(), notice.opensAt(), second, false, at.plus(notice.listDelay())));
        pushes.add(new Push(at.plus(notice.pushDelay()), added, added.states().getLast(), true));
        return added.uuid();
    }

    private Notice add(SimulatedNotice notice, Instant firstListedAt, State state) {
        if (notices.size() == MOST_NOTICES) {
            throw new IllegalStateException("no more than " + MOST_NOTICES + " notices");
        }
        id += 1 + random.below(3);
        String uuid;
        do {
            uuid = Integer.toString(1_000_000 + random.below(Integer.MAX_VALUE - 1_000_000));
        } while (notices.containsKey(uuid));
        Notice added = new Notice(id, uuid, notice.category(), firstListedAt, notice, new ArrayList<>(List.of(state)));
        notices.put(uuid, added);
        return added;
    }

    /// @param opensAt when trading begins from now on; null: as the notice said before
    synchronized void amend(String key, String title, @Nullable Instant opensAt, Instant at) {
        Notice notice = notice(key);
        State state = new State(
                title,
                opensAt == null ? notice.states().getLast().opensAt() : opensAt,
                at.truncatedTo(ChronoUnit.SECONDS),
                true,
                at.plus(notice.published().listDelay()));
        change(notice, state);
        pushes.add(new Push(at.plus(notice.published().pushDelay()), notice, state, false));
    }

    synchronized void retitle(String key, String title, Instant at) {
        Notice notice = notice(key);
        State before = notice.states().getLast();
        change(
                notice,
                new State(
                        title,
                        before.opensAt(),
                        before.listedAt(),
                        before.amended(),
                        at.plus(notice.published().listDelay())));
    }

    private static void change(Notice notice, State state) {
        if (notice.states().size() == MOST_STATES) {
            throw new IllegalStateException("no more than " + MOST_STATES + " states of a notice");
        }
        notice.states().add(state);
    }

    private Notice notice(String key) {
        Notice notice = notices.get(key);
        if (notice == null) {
            throw new IllegalArgumentException("there is no notice " + key);
        }
        return notice;
    }

    // ---- pushed

    /// Takes in the one who is told.
    ///
    /// @throws Refusal when there is somebody already
    synchronized UpbitNoticeSession listen() throws Refusal {
        if (listener != null && !listener.hasEnded()) {
            throw new Refusal(429, "Too Many Requests");
        }
        UpbitNoticeSession session = new UpbitNoticeSession();
        listener = session;
        return session;
    }

    /// Says what is due.
    synchronized void check(long nowNanos) {
        Instant now = Nanos.instant(nowNanos);
        while (!pushes.isEmpty() && !pushes.peek().at().isAfter(now)) {
            Push due = pushes.remove();
            if (listener != null) {
                listener.push(due, now.toEpochMilli());
            }
        }
    }

    // ---- by REST

    synchronized HttpAnswer answer(HttpRequest request, Set<Fault> faults) {
        HttpAnswer failure = failure(request, faults);
        if (failure != null) {
            return failure;
        }
        boolean isStale = faults.contains(Fault.NOTICES_STALE);
        Instant now = Nanos.instant(request.nowNanos());
        Instant at = isStale ? now.minus(STALE) : now;
        HttpAnswer answer = request.path().equals(PATH)
                ? list(request, at, faults)
                : one(request.path().substring(PATH.length() + 1), at);
        if (answer.status() != 200) {
            return answer;
        }
        String tag = "W/\"" + Long.toHexString(SplitMix.seed(0, answer.body())) + "\"";
        HttpAnswer tagged = tag.equals(request.headers().get("if-none-match"))
                ? new HttpAnswer(304, Map.of(), "")
                : isGzipWanted(request) ? answer.with("Content-Encoding", "gzip") : answer;
        tagged = tagged.with("ETag", tag).with("Cf-Cache-Status", isStale ? "HIT" : "DYNAMIC");
        return isStale ? tagged.with("Age", Long.toString(STALE.toSeconds())) : tagged;
    }

    private static boolean isGzipWanted(HttpRequest request) {
        return request.headers().getOrDefault("accept-encoding", "").contains("gzip");
    }

    private @Nullable HttpAnswer failure(HttpRequest request, Set<Fault> faults) {
        String origin = request.headers().get("origin");
        if (faults.contains(Fault.NOTICES_GONE)) {
            return HttpAnswer.NONE;
        } else if (faults.contains(Fault.NOTICES_403) || (origin != null && !OWN_SITES.contains(origin))) {
            return HttpAnswer.html(403, "Just a moment...");
        } else if (faults.contains(Fault.NOTICES_503)) {
            return HttpAnswer.html(503, "Just a moment...");
        } else if (faults.contains(Fault.NOTICES_HTML)) {
            return HttpAnswer.html(200, "Just a moment...");
        }
        TokenBucket bucket = request.path().equals(PATH) ? requests : details;
        if (faults.contains(Fault.NOTICES_429) || !bucket.admits(request.address(), request.nowNanos())) {
            return error(429, "Too Many Requests");
        } else if (faults.contains(Fault.NOTICES_ERROR)) {
            return error(200, "일시적인 오류가 발생했습니다.");
        }
        return null;
    }

    private static HttpAnswer error(int status, String message) {
        return HttpAnswer.json(
                status,
                JSON.createObjectNode()
                        .put("success", false)
                        .put("error_message", message)
                        .toString());
    }

    private HttpAnswer list(HttpRequest request, Instant at, Set<Fault> faults) {
        Map<String, String> parameters = request.parameters();
        String category = parameters.getOrDefault("category", "");
        int page = number(parameters.getOrDefault("page", "1"));
        int size = number(parameters.getOrDefault("per_page", "20"));
        boolean isKnown = category.equals("all")
                || Stream.of(SimulatedNotice.Category.values())
                        .anyMatch(known -> known.listed().equals(category));
        if (!SYSTEMS.contains(parameters.getOrDefault("os", "")) || !isKnown) {
            return error(400, "os or category is missing or unknown");
        }
        if (page < 1 || size < 1 || size > MOST_ROWS) {
            return error(400, "page or per_page is out of range");
        }
        List<Row> rows = notices.values().stream()
                .filter(notice ->
                        category.equals("all") || notice.category().listed().equals(category))
                .flatMap(notice -> Stream.ofNullable(notice.at(at)).map(state -> new Row(notice, state)))
                .sorted(NEWEST_FIRST)
                .toList();
        List<Row> shown =
                rows.stream().skip((long) size * (page - 1)).limit(size).toList();
        if (faults.contains(Fault.NOTICES_UNSORTED)) {
            shown = shown.stream().sorted(OLDEST_FIRST).toList();
        }
        ObjectNode answer = JSON.createObjectNode().put("success", true);
        ObjectNode data = answer.putObject("data")
                .put("total_pages", (rows.size() + size - 1) / size)
                .put("total_count", rows.size());
        ArrayNode list = data.putArray("notices");
        shown.forEach(row -> list.add(json(row, at)));
        ArrayNode fixed = data.putArray("fixed_notices");
        pinned.forEach(notice -> fixed.add(json(new Row(notice, notice.states().getFirst()), at)));
        return HttpAnswer.json(200, answer.toString());
    }

    /// 0 where it is none.
    private static int number(String text) {
        return text.matches("\\d{1,6}") ? Integer.parseInt(text) : 0;
    }

    private HttpAnswer one(String key, Instant at) {
        Notice notice = Stream.concat(Stream.ofNullable(notices.get(key)), pinned.stream())
                .filter(known -> known.uuid().equals(key))
                .findFirst()
                .orElse(null);
        State state = notice == null ? null : notice.at(at);
        if (notice == null || state == null) {
            return error(404, "존재하지 않는 공지사항입니다.");
        }
        ObjectNode answer = JSON.createObjectNode().put("success", true);
        answer.set(
                "data",
                json(new Row(notice, state), at).put("body", notice.body(state).html()));
        return HttpAnswer.json(200, answer.toString());
    }

    private static ObjectNode json(Row row, Instant at) {
        Notice notice = row.notice();
        State state = row.state();
        boolean isYoung = state.listedAt().plus(BADGE).isAfter(at);
        return JSON.createObjectNode()
                .put("listed_at", time(state.listedAt()))
                .put("first_listed_at", time(notice.firstListedAt()))
                .put("id", notice.id())
                .put("uuid", notice.uuid())
                .put("title", state.title())
                .put("category", notice.category().label())
                .put("need_new_badge", isYoung && !state.amended())
                .put("need_update_badge", isYoung && state.amended());
    }
}
