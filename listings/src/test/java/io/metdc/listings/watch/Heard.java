package io.metdc.listings.watch;

import io.metdc.listings.Source;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Keeps what a source told.
final class Heard implements SourceListener {
    record Failed(Source source, String host, String what, Duration pause) {}

    final List<Answer> answers = new CopyOnWriteArrayList<>();
    final List<Failed> failures = new CopyOnWriteArrayList<>();
    final List<String> unreadable = new CopyOnWriteArrayList<>();
    final List<String> bodies = new CopyOnWriteArrayList<>();

    @Override
    public void answered(Answer answer) {
        answers.add(answer);
    }

    @Override
    public void failed(Source source, String host, String what, Duration pause) {
        failures.add(new Failed(source, host, what, pause));
    }

    @Override
    public void unreadable(Source source, String host, String what) {
        unreadable.add(what);
    }

    @Override
    public void body(Notice notice, String text) {
        bodies.add(notice.key() + ": " + text);
    }

    <T extends Answer> List<T> all(Class<T> kind) {
        return answers.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /// All notices that were told, in order.
    List<Notice> notices() {
        return all(Answer.Notices.class).stream()
                .flatMap(answer -> answer.notices().stream())
                .toList();
    }
}
