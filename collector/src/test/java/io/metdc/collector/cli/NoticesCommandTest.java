package io.metdc.collector.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class NoticesCommandTest {
    private static final String OTHER = "{\"kind\":\"other\",\"listings\":[]}";

    @TempDir
    Path folder;

    private Invocation metdc;

    @BeforeEach
    void set_up() {
        metdc = new Invocation(folder);
    }

    private int parse(String input) {
        return metdc.input(input.getBytes(StandardCharsets.UTF_8)).run("notices", "parse");
    }

    @Test
    void each_title_is_answered_in_a_line_and_empty_ones_too() {
        int exitCode = parse("""
                \uFEFF스카인(SKYN)(KRW, USDT 마켓), 노바(NOVX)(BTC 마켓) 신규 거래지원 안내

                스카인(SKYN) 거래지원 종료 안내 (9/14 15:00)\r
                네오스카인 원화 마켓 오픈
                \t
                """);

        assertThat(exitCode).isZero();
        assertThat(metdc.lines())
                .containsExactly(
                        "{\"kind\":\"listing\",\"listings\":[{\"symbol\":\"SKYN\",\"markets\":[\"KRW\",\"USDT\"]},"
                                + "{\"symbol\":\"NOVX\",\"markets\":[\"BTC\"]}]}",
                        OTHER,
                        "{\"kind\":\"delisting\",\"listings\":[]}",
                        "{\"kind\":\"listing\",\"listings\":[]}",
                        OTHER);
        assertThat(metdc.err())
                .isEqualTo(
                        "5 titles: 2 listing, 1 delisting, 2 other; 1 of them unclear, for a person to look at: line 4\n");
    }

    @Test
    void no_title_is_no_answer_and_a_last_line_without_end_is_one() {
        assertThat(parse("")).isZero();
        assertThat(metdc.out()).isEmpty();
        assertThat(metdc.err()).isEqualTo("0 titles; none of them unclear\n");

        assertThat(parse("\n\n\nx")).isZero();
        assertThat(metdc.lines()).containsExactly(OTHER, OTHER, OTHER, OTHER);
    }

    @Test
    void whatever_is_no_title_is_other_and_costs_no_line() {
        byte[] rubbish = new byte[200_000];
        new java.util.Random(7).nextBytes(rubbish);
        long lines = 1;
        for (byte b : rubbish) {
            lines += b == '\n' ? 1 : 0;
        }

        assertThat(metdc.input(rubbish).run("notices", "parse")).isZero();

        assertThat(metdc.lines()).hasSize((int) lines).allMatch(OTHER::equals);
    }

    @Test
    void a_title_is_answered_before_the_next_one_is_there() throws Exception {
        PipedOutputStream typed = new PipedOutputStream();
        PipedInputStream answered = new PipedInputStream();
        PipedOutputStream out = new PipedOutputStream(answered);
        Terminal terminal = Terminal.of(new PipedInputStream(typed), out, OutputStream.nullOutputStream());
        Thread metdc = Thread.ofPlatform()
                .start(() -> new CommandLineInterface(new Surroundings(terminal, Map.of(), folder, folder), null)
                        .execute("notices", "parse"));
        BufferedReader answers = new BufferedReader(new InputStreamReader(answered, StandardCharsets.UTF_8));

        for (String title : List.of("스카인(SKYN) KRW 마켓 디지털 자산 추가", "", "hello", "")) {
            typed.write((title + "\n").getBytes(StandardCharsets.UTF_8));
            typed.flush();
            assertThat(answers.readLine()).startsWith("{\"kind\":\"" + (title.contains("KRW") ? "listing" : "other"));
        }

        typed.close();
        metdc.join();
    }

    @Test
    void answers_that_do_not_fit_on_the_disk_are_a_failure() {
        Invocation metdc = new Invocation(folder)
                .input("x\n".getBytes(StandardCharsets.UTF_8))
                .writingNothing("No space left on device");

        assertThat(metdc.run("notices", "parse")).isEqualTo(ExitCode.FAILED);
        assertThat(metdc.err()).isEqualTo("metdc: the answers cannot be written: No space left on device\n");
    }

    /// As a user runs it, in a locale that knows no Korean.
    @Test
    void titles_and_answers_are_utf_8_whatever_the_locale() throws Exception {
        Path input = folder.resolve("titles");
        Path output = folder.resolve("answers");
        Files.writeString(input, "스카인(SKYN) KRW 마켓 디지털 자산 추가\n");
        ProcessBuilder command = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        "io.metdc.collector.Main",
                        "notices",
                        "parse")
                .redirectInput(input.toFile())
                .redirectOutput(output.toFile())
                .redirectError(folder.resolve("err").toFile());
        command.environment().put("LC_ALL", "C");
        Process metdc = command.start();
        try {
            assertThat(metdc.waitFor()).isZero();
        } finally {
            metdc.destroyForcibly();
        }

        assertThat(output)
                .hasContent("{\"kind\":\"listing\",\"listings\":[{\"symbol\":\"SKYN\",\"markets\":[\"KRW\"]}]}");
        assertThat(folder.resolve("err")).hasContent("1 titles: 1 listing; none of them unclear");
    }

    @Test
    @EnabledIfSystemProperty(named = "metdc.frames", matches = ".+")
    void the_titles_of_the_corpus_are_answered_as_they_are_labelled() throws Exception {
        ObjectMapper json = new ObjectMapper();
        List<JsonNode> labels = new ArrayList<>();
        StringBuilder titles = new StringBuilder();
        for (String line : Files.readAllLines(Path.of(System.getProperty("metdc.frames"), "upbit", "titles.jsonl"))) {
            JsonNode row = json.readTree(line);
            titles.append(row.path("title").asText()).append('\n');
            labels.add(row);
        }

        assertThat(parse(titles.toString())).isZero();

        assertThat(metdc.lines()).hasSameSizeAs(labels);
        for (int i = 0; i < labels.size(); i++) {
            JsonNode answer = json.readTree(metdc.lines().get(i));
            assertThat(answer.path("kind")).isEqualTo(labels.get(i).path("kind"));
            assertThat(answer.path("listings")).isEqualTo(labels.get(i).path("listings"));
        }
    }
}
