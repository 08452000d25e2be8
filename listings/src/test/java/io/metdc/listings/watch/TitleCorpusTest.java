package io.metdc.listings.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Real titles of 2017 to 2026 with their labels, which stay outside of the repository.
@EnabledIfSystemProperty(named = "metdc.frames", matches = ".+")
class TitleCorpusTest {
    private record Labelled(String title, String kind, List<NoticeTitle.Coin> listings) {}

    @Test
    void every_title_of_the_corpus_is_read_as_a_person_labelled_it() throws IOException {
        List<Labelled> corpus = corpus();
        Set<String> kinds = new TreeSet<>();
        corpus.forEach(one -> kinds.add(one.kind()));

        StringBuilder report = new StringBuilder(String.format(Locale.ROOT, "%d titles%n", corpus.size()));
        for (String kind : kinds) {
            Set<String> wanted = titles(corpus, one -> one.kind().equals(kind));
            Set<String> found = titles(
                    corpus, one -> NoticeTitle.parse(one.title()).kind().id().equals(kind));
            assertThat(score(report, kind, wanted, found)).as(kind).isEmpty();
        }
        Set<String> wanted = new HashSet<>();
        Set<String> found = new HashSet<>();
        for (Labelled one : corpus) {
            one.listings().forEach(coin -> wanted.add(one.title() + " " + coin));
            NoticeTitle.parse(one.title()).listings().forEach(coin -> found.add(one.title() + " " + coin));
            assertThat(NoticeTitle.parse(one.title()).listings()).isEqualTo(one.listings());
        }
        assertThat(score(report, "listings", wanted, found)).isEmpty();
        System.err.print(report); // which is asked for: a person looks at it
        assertThat(corpus).hasSizeGreaterThan(100);
    }

    @Test
    void of_the_corpus_only_the_listing_without_tickers_is_left_to_a_person() throws IOException {
        assertThat(corpus())
                .filteredOn(one -> NoticeTitle.parse(one.title()).unclear())
                .allMatch(one -> one.kind().equals("listing") && one.listings().isEmpty())
                .hasSize(1);
    }

    private interface Choice {
        boolean takes(Labelled one);
    }

    private static Set<String> titles(List<Labelled> corpus, Choice choice) {
        Set<String> titles = new HashSet<>();
        corpus.stream().filter(choice::takes).forEach(one -> titles.add(one.title()));
        return titles;
    }

    /// @return what is wrong
    private static Set<String> score(StringBuilder report, String what, Set<String> wanted, Set<String> found) {
        Set<String> right = new HashSet<>(wanted);
        right.retainAll(found);
        report.append(String.format(
                Locale.ROOT,
                "%-12s %3d: precision %5.1f %%, recall %5.1f %%%n",
                what,
                wanted.size(),
                found.isEmpty() ? 0 : 100.0 * right.size() / found.size(),
                100.0 * right.size() / wanted.size()));
        Set<String> wrong = new HashSet<>(wanted);
        wrong.addAll(found);
        wrong.removeAll(right);
        return wrong;
    }

    private static List<Labelled> corpus() throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<Labelled> corpus = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(System.getProperty("metdc.frames"), "upbit", "titles.jsonl"))) {
            JsonNode row = json.readTree(line);
            List<NoticeTitle.Coin> listings = new ArrayList<>();
            for (JsonNode coin : row.path("listings")) {
                List<String> markets = new ArrayList<>();
                coin.path("markets").forEach(market -> markets.add(market.asText()));
                listings.add(new NoticeTitle.Coin(coin.path("symbol").asText(), markets));
            }
            corpus.add(new Labelled(row.path("title").asText(), row.path("kind").asText(), listings));
        }
        return corpus;
    }
}
