package io.metdc.storage.journal;

import static io.metdc.storage.journal.Samples.BTC;
import static io.metdc.storage.journal.Samples.PEPE;
import static io.metdc.storage.journal.Samples.drain;
import static io.metdc.storage.journal.Samples.ids;
import static io.metdc.storage.journal.Samples.open;
import static io.metdc.storage.journal.Samples.segments;
import static io.metdc.storage.journal.Samples.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Trade;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTailTest {
    @TempDir
    Path directory;

    @Test
    void every_batch_ends_where_one_can_go_on() throws Exception {
        try (Journal journal = open(directory);
                JournalTail tail = journal.tail()) {
            for (int id = 1; id <= 5_000; id++) {
                journal.append(trade(id % 2 == 0 ? BTC : PEPE, id));
                if (id % 37 == 0) {
                    journal.force();
                }
            }
            journal.force();
            assertThat(segments(directory)).hasSizeGreaterThan(2);
            List<JournalTail.Batch> batches = new ArrayList<>();
            JournalTail.Batch batch = tail.read(100, Duration.ZERO);
            while (!batch.entries().isEmpty()) {
                assertThat(batch.entries()).hasSizeBetween(1, 100 + 37);
                batches.add(batch);
                batch = tail.read(100, Duration.ZERO);
            }
            assertThat(batches.getLast().to()).isEqualTo(tail.newest());
            for (JournalTail.Batch again : batches) {
                tail.seek(again.from());
                JournalTail.Batch same = tail.read(100, Duration.ZERO);
                assertThat(same.entries()).isEqualTo(again.entries());
                assertThat(same.to()).isEqualTo(again.to());
                tail.seek(again.to());
            }
            tail.seek(tail.oldest());
            assertThat(ids(drain(tail)))
                    .isEqualTo(LongStream.rangeClosed(1, 5_000).boxed().toList());
        }
    }

    @Test
    void a_position_that_is_none_is_refused() throws Exception {
        try (Journal journal = open(directory);
                JournalTail tail = journal.tail()) {
            journal.append(trade(BTC, 1));
            journal.append(trade(BTC, 2));
            journal.force();

            assertThatThrownBy(() -> tail.seek(tail.newest() - 1)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> tail.seek(tail.newest() + 1)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> tail.seek(-1)).isInstanceOf(IOException.class);
            tail.seek(tail.newest());
            assertThat(drain(tail)).isEmpty();
            tail.seek(tail.oldest());
            assertThat(drain(tail)).hasSize(2);
        }
    }

    @Test
    void a_reader_waits_and_wakes_when_something_is_written_out() throws Exception {
        try (Journal journal = open(directory);
                JournalTail tail = journal.tail();
                ExecutorService threads = Executors.newSingleThreadExecutor()) {
            AtomicReference<Thread> reader = new AtomicReference<>();
            Future<JournalTail.Batch> reading = threads.submit(() -> {
                reader.set(Thread.currentThread());
                return tail.read(10, Duration.ofSeconds(30));
            });
            await().until(() -> reader.get() != null && reader.get().getState() == Thread.State.TIMED_WAITING);
            journal.append(trade(BTC, 1));
            assertThat(reading.isDone()).isFalse(); // it is only in the buffer
            journal.writeOutIfDue(System.nanoTime());

            assertThat(ids(reading.get().entries())).containsExactly(1L);
        }
    }

    @Test
    void nothing_within_the_wait_gives_an_empty_batch() throws Exception {
        try (Journal journal = open(directory);
                JournalTail tail = journal.tail()) {
            JournalTail.Batch first = tail.read(10, Duration.ofMillis(20));
            assertThat(first.entries()).isEmpty();
            JournalTail.Batch second = tail.read(10, Duration.ZERO);
            assertThat(second.entries()).isEmpty();
            assertThat(second.from()).isEqualTo(first.to()).isEqualTo(tail.newest());
        }
    }

    @Test
    void an_interrupt_ends_the_wait_and_costs_nothing() throws Exception {
        try (Journal journal = open(directory);
                JournalTail tail = journal.tail();
                ExecutorService threads = Executors.newSingleThreadExecutor()) {
            journal.append(trade(BTC, 1));
            journal.force();
            Future<?> interrupted = threads.submit(() -> {
                Thread.currentThread().interrupt(); // before the file is read
                assertThatThrownBy(() -> tail.read(10, Duration.ofSeconds(30)))
                        .isInstanceOf(InterruptedException.class);
                assertThat(Thread.interrupted()).isFalse();
                assertThat(ids(tail.read(10, Duration.ofSeconds(30)).entries())).containsExactly(1L);
                Thread.currentThread().interrupt(); // while it waits
                assertThatThrownBy(() -> tail.read(10, Duration.ofSeconds(30)))
                        .isInstanceOf(InterruptedException.class);
                return null;
            });
            interrupted.get();
            journal.append(trade(BTC, 2));
            journal.force();
            assertThat(ids(tail.read(10, Duration.ofSeconds(30)).entries())).containsExactly(2L);
        }
    }

    @Test
    void a_reader_follows_an_appender_through_many_segments() throws Exception {
        int count = 300_000;
        try (Journal journal = open(directory);
                JournalTail tail = journal.tail();
                ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<Long> reading = threads.submit(() -> {
                long expected = 1;
                while (expected <= count) {
                    for (Entry entry : tail.read(1_000, Duration.ofSeconds(10)).entries()) {
                        Trade wanted = trade(expected % 3 == 0 ? PEPE : BTC, expected);
                        if (!(entry instanceof Entry.Traded(Trade trade)) || !trade.equals(wanted)) {
                            throw new AssertionError(entry + " instead of " + wanted);
                        }
                        expected++;
                    }
                    tail.committed(0);
                }
                return expected;
            });
            for (int id = 1; id <= count; id++) {
                assertThat(journal.append(trade(id % 3 == 0 ? PEPE : BTC, id))).isTrue();
                if (id % 1_000 == 0) {
                    journal.writeOutIfDue(System.nanoTime());
                }
            }
            journal.force();
            assertThat(reading.get()).isEqualTo(count + 1);
            assertThat(segments(directory)).hasSizeGreaterThan(2);
        }
    }
}
