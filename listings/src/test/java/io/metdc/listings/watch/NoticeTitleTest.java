package io.metdc.listings.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.listings.Listing;
import io.metdc.listings.watch.NoticeTitle.Kind;
import java.text.Normalizer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NoticeTitleTest {
    /// `AAA:KRW+BTC BBB:BTC`
    private static String coins(NoticeTitle title) {
        return title.listings().stream()
                .map(coin -> coin.symbol() + ":" + String.join("+", coin.markets()))
                .collect(Collectors.joining(" "));
    }

    private static void assertRead(String title, Kind kind, String coins) {
        NoticeTitle read = NoticeTitle.parse(title);
        assertThat(read.kind()).as(title).isEqualTo(kind);
        assertThat(coins(read)).as(title).isEqualTo(coins == null ? "" : coins);
        assertThat(read.unclear()).as(title).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // 2024 on
                "스카인(SKYN) 신규 거래지원 안내 (KRW, BTC, USDT 마켓) | SKYN:KRW+BTC+USDT",
                "스카인(SKYN), 노바(NOVX), 라임(LMX) 신규 거래지원 안내 (BTC, USDT 마켓) | SKYN:BTC+USDT NOVX:BTC+USDT LMX:BTC+USDT",
                "스카인(SKYN) KRW 마켓 디지털 자산 추가 | SKYN:KRW",
                "스카인(SKYN) KRW, USDT 마켓 디지털 자산 추가 | SKYN:KRW+USDT",
                "스카인(SKYN), 노바(NOVX) KRW, USDT 마켓 디지털 자산 추가 | SKYN:KRW+USDT NOVX:KRW+USDT",
                "스카인(SKYN)(KRW, USDT 마켓), 노바(NOVX)(BTC 마켓) 디지털 자산 추가 | SKYN:KRW+USDT NOVX:BTC",
                "스카인(SKYN)(KRW 마켓), 노바(NOVX)(BTC 마켓) 신규 거래지원 안내 (매도 최저가 기준 가격 안내) | SKYN:KRW NOVX:BTC",
                "BTC, USDT 마켓 신규 거래지원 안내 (SKYN, NOVX, 7Q, T) | SKYN:BTC+USDT NOVX:BTC+USDT 7Q:BTC+USDT T:BTC+USDT",
                // 2022 to 2024
                "KRW 마켓 디지털 자산 추가 (SKYN) | SKYN:KRW",
                "[거래] KRW, BTC 마켓 디지털 자산 추가 (SKYN, NOVX) | SKYN:KRW+BTC NOVX:KRW+BTC",
                // before
                "[거래] 원화 마켓 신규 상장 (스카인 SKYN, 노바 NOVX) | SKYN:KRW NOVX:KRW",
                "[거래] 원화마켓 디지털 자산 추가 (스카인 SKYN) | SKYN:KRW",
                "BTC 마켓 디지털 자산 추가 (스카인 SKYN, 노바 파이낸스 NOVX) | SKYN:BTC NOVX:BTC",
                "BTC, ETH 마켓 코인 추가 (스카인 SKYN) | SKYN:BTC+ETH",
                "스카인클래식 원화 마켓(SKC/KRW) 오픈 안내 | SKC:KRW",
                "이더리움(ETH/KRW) 원화 마켓 오픈 안내 | ETH:KRW",
                "이더리움 원화 마켓(ETH/KRW) 오픈 안내 | ETH:KRW",
                "스카인(SKYN)(KRW/BTC) 신규 거래지원 안내 | SKYN:KRW+BTC",
                "원화 마켓 오픈 (SKC/KRW, NOVX/KRW) | SKC:KRW NOVX:KRW",
                "스카인(SKYN), 노바(NOVX) 원화 마켓 오픈 | SKYN:KRW NOVX:KRW",
                // written a little otherwise
                " [거래]  스카인(SKYN)   신규  거래지원   안내(KRW,BTC,USDT마켓) | SKYN:KRW+BTC+USDT",
                "스카인 (SKYN) 신규 거래지원 안내 ( KRW , BTC 마켓 ) | SKYN:KRW+BTC",
                "스카인(SKYN) 신규거래지원 안내 (KRW·BTC 마켓) | SKYN:KRW+BTC",
                "스카인(SKYN) KRW·BTC 마켓 디지털 자산 추가 | SKYN:KRW+BTC",
                "스카인(SKYN) KRW/BTC 마켓 디지털자산 추가 | SKYN:KRW+BTC",
                "스카인(SKYN) KRW 및 BTC 마켓 디지털 자산 추가 | SKYN:KRW+BTC",
                "스카인(SKYN) KRW 마켓, BTC 마켓 디지털 자산 추가 | SKYN:KRW+BTC",
                "KRW·BTC 마켓 디지털 자산 추가 (SKYN·NOVX) | SKYN:KRW+BTC NOVX:KRW+BTC",
                "원화(KRW) 마켓 디지털 자산 추가 (SKYN) | SKYN:KRW",
                "KRW(원화), BTC 마켓 디지털 자산 추가 (SKYN) | SKYN:KRW+BTC",
                "[업비트][거래] 스카인(SKYN) 원화, BTC 마켓 디지털 자산 추가 | SKYN:KRW+BTC",
                "[안내] 스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) | SKYN:KRW",
                "스카인（SKYN） 신규 거래지원 안내 （KRW， BTC 마켓） | SKYN:KRW+BTC",
                "스카인(SKYN) 신규 거래지원 안내 [KRW, BTC 마켓] | SKYN:KRW+BTC",
                "스카인(SKYN) 신규 거래지원 안내 (KRW, BTC, USDT) | SKYN:KRW+BTC+USDT",
                "스카인(SKYN) 신규 거래지원 안내 (KRW) | SKYN:KRW",
                "스카인(SKYN) 신규 거래지원 안내 (KRW, BTC, USDT 마켓 | SKYN:KRW+BTC+USDT",
                "스카인(SKYN) 거래지원 안내 (KRW 마켓) | SKYN:KRW",
                "스카인(SKYN) 신규 거래지원 (KRW 마켓) | SKYN:KRW",
                "스카인(SKYN) 신규 거래지원 안내 (KRW, BTC, QQQ 마켓) | SKYN:KRW+BTC",
                "스카인(SKYN) KRW, QQQ 마켓 디지털 자산 추가 | SKYN:KRW",
                "KRW, BTC 마켓 신규 거래지원 안내 : 스카인(SKYN), 노바(NOVX) | SKYN:KRW+BTC NOVX:KRW+BTC",
                "스카인, 노바 신규 거래지원 안내 (SKYN, NOVX) (KRW 마켓) | SKYN:KRW NOVX:KRW",
                // forms together
                "스카인(SKYN) KRW 마켓, 노바(NOVX) BTC, USDT 마켓 디지털 자산 추가 | SKYN:KRW NOVX:BTC+USDT",
                "스카인(SKYN)(KRW 마켓), 노바(NOVX) 신규 거래지원 안내 (BTC 마켓) | SKYN:KRW NOVX:BTC",
                "스카인(SKYN)(KRW 마켓), 노바(NOVX), 라임(LMX)(BTC 마켓) 신규 거래지원 안내 | SKYN:KRW NOVX:BTC LMX:BTC",
                "KRW 마켓 디지털 자산 추가 (SKYN), BTC 마켓 디지털 자산 추가 (NOVX) | SKYN:KRW NOVX:BTC",
                "스카인(SKYN), 노바(NOVX) 신규 거래지원 안내 (SKYN: KRW 마켓, NOVX: BTC, USDT 마켓) | SKYN:KRW NOVX:BTC+USDT",
                "[거래] 원화 마켓 신규 상장 (스카인(SKYN), 노바(NOVX)) | SKYN:KRW NOVX:KRW",
                "KRW, BTC 마켓 디지털 자산 추가 (SKYN(KRW, BTC), NOVX(BTC)) | SKYN:KRW+BTC NOVX:BTC",
                // names
                "엑스코인(엑스)(XQP) 신규 거래지원 안내 (KRW 마켓) | XQP:KRW",
                "엑스코인 (옛 이름) (XQP) KRW 마켓 디지털 자산 추가 | XQP:KRW",
                "에이(A) 신규 거래지원 안내 (KRW 마켓) | A:KRW",
                "티(T), 더블유(W), 7큐(7Q) 신규 거래지원 안내 (KRW 마켓) | T:KRW W:KRW 7Q:KRW",
                "아이디(ID), 미(ME), 오픈(OPEN) 신규 거래지원 안내 (BTC 마켓) | ID:BTC ME:BTC OPEN:BTC",
                "KRW 마켓 디지털 자산 추가 (A, T, ID, ME, OPEN, 7Q) | A:KRW T:KRW ID:KRW ME:KRW OPEN:KRW 7Q:KRW",
                "테더(USDT) KRW 마켓 디지털 자산 추가 | USDT:KRW",
                "테더(USDT) 신규 거래지원 안내 (KRW, BTC 마켓) | USDT:KRW+BTC",
                "비트코인(BTC), 이더리움(ETH) 신규 거래지원 안내 (USDT 마켓) | BTC:USDT ETH:USDT",
                "USDT 마켓 신규 거래지원 안내 (BTC, ETH) | BTC:USDT ETH:USDT",
                "크라운(KRW) 신규 거래지원 안내 (BTC 마켓) | KRW:BTC",
                "크라운(KRW)(KRW, BTC 마켓), 노바(NOVX)(KRW 마켓) 신규 거래지원 안내 | KRW:KRW+BTC NOVX:KRW",
                "원화 마켓 신규 상장 (비트코인 BTC) | BTC:KRW",
                "사(4) 신규 거래지원 안내 (KRW 마켓) | 4:KRW",
                "노바(NOVX), 사(4) 신규 거래지원 안내 (KRW 마켓) (2) | NOVX:KRW 4:KRW",
                "리퀴드 스테이킹(LQS) 신규 거래지원 안내 (KRW 마켓) | LQS:KRW",
                "이벤트호라이즌(EVH), 출금왕(WDK) KRW 마켓 디지털 자산 추가 | EVH:KRW WDK:KRW",
                "노바네트워크(NOVX) 신규 거래지원 안내 (KRW 마켓) | NOVX:KRW",
                "오픈마켓(OMK) 신규 거래지원 안내 (KRW 마켓) | OMK:KRW",
                "에이피엔에프티(NFT) 신규 거래지원 안내 (KRW 마켓) | NFT:KRW",
                "스카인(SKYN), 스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) | SKYN:KRW",
                // amendments that leave it a listing
                "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) (주문 타입 제한 관련 안내) | SKYN:KRW",
                "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) (거래지원 개시 시점 안내) (매도 최저가 기준 가격 변경 안내) | SKYN:KRW",
                "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) (거래지원 개시 시점 안내 및 매도 최저가 기준 가격 변경 안내) | SKYN:KRW",
                "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) (매도 주문 제한 기준 가격 변경 안내) | SKYN:KRW",
                "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) (입출금 개시 시점 변경 안내) | SKYN:KRW",
                "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) (명칭 변경 안내) | SKYN:KRW",
                "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) (토큰 스왑 관련 안내) (업비트 거래 이벤트 안내) | SKYN:KRW",
                "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) (입출금 점검 안내) (유의 종목 관련 안내) | SKYN:KRW",
                "스카인(SKYN) KRW 마켓 디지털 자산 추가 (BTC, USDT 마켓 거래지원 안내) | SKYN:KRW",
                "KRW 마켓 디지털 자산 추가 (SKYN) (노바(NOVX) 출금 수수료 안내) | SKYN:KRW",
                "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) (미체결 주문 취소 안내) | SKYN:KRW",
                "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) (SKYN 거래 이벤트 취소 안내) | SKYN:KRW",
                "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) (업데이트) (2026.08.01 추가) | SKYN:KRW",
                "KRW 마켓 디지털 자산 추가 (SKYN) (15:00 KST) | SKYN:KRW",
                "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) 및 입출금 지원 안내 | SKYN:KRW",
            })
    void a_listing_names_each_coin_with_its_own_markets(String title, String coins) {
        assertRead(title, Kind.LISTING, coins);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) (거래지원 개시 시점 변경 안내) | SKYN:KRW",
                "스카인(SKYN) 신규 거래지원 안내(KRW 마켓)(거래지원 개시 시점 추가 변경 안내) | SKYN:KRW",
                "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) (거래지원 개시 시점 연기 안내) (매도 최저가 기준 가격 안내) | SKYN:KRW",
                "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) (매도 최저가 기준 가격 안내) (거래지원 개시 시점 연기 안내) | SKYN:KRW",
                "스카인(SKYN), 노바(NOVX) 신규 거래지원 안내 (KRW 마켓) (노바(NOVX) 거래지원 개시 시점 변경 안내) | SKYN:KRW NOVX:KRW",
                "BTC, USDT 마켓 신규 거래지원 안내 (SKYN, NOVX, T) (T 거래지원 개시 시점 연기 안내) | SKYN:BTC+USDT NOVX:BTC+USDT T:BTC+USDT",
                "스카인(SKYN)(KRW 마켓), 노바(NOVX)(BTC 마켓) 디지털 자산 추가 (SKYN KRW 마켓 거래지원 개시 시점 변경 안내) | SKYN:KRW NOVX:BTC",
                "[거래] KRW 마켓 디지털 자산 추가 (SKYN) (BTC 마켓 거래지원 개시 시점 변경 안내) | SKYN:KRW",
                "스카인(SKYN) KRW 마켓 디지털 자산 추가 (거래지원 연기 안내) | SKYN:KRW",
                "스카인(SKYN) KRW 마켓 디지털 자산 추가 (거래지원 개시 시점 연기) | SKYN:KRW",
                "스카인(SKYN) KRW 마켓 디지털 자산 추가 (입출금 및 거래지원 개시 시점 변경 안내) | SKYN:KRW",
                "스카인(SKYN) KRW 마켓 디지털 자산 추가 (변경된 거래지원 개시 시점 안내) | SKYN:KRW",
                "KRW 마켓 디지털 자산 추가 연기 안내 (SKYN) | SKYN:KRW",
                "스카인(SKYN), 노바(NOVX) 신규 거래지원 안내 (KRW 마켓) (SKYN 거래지원 취소 및 NOVX 거래지원 개시 시점 변경 안내) | NOVX:KRW",
                "스카인(SKYN), 노바(NOVX) 신규 거래지원 안내 (KRW 마켓) (SKYN 거래지원 취소 안내) (NOVX 거래지원 개시 시점 변경 안내) | NOVX:KRW",
                "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) (거래지원 개시 시점 연기 취소 안내) | SKYN:KRW",
            })
    void a_listing_whose_opening_moved_is_postponed_and_keeps_its_coins(String title, String coins) {
        assertRead(title, Kind.POSTPONED, coins);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "스카인(SKYN), 노바(NOVX) 신규 거래지원 안내 (KRW 마켓) (스카인(SKYN) 거래지원 취소 안내) | NOVX:KRW",
                "스카인(SKYN), 노바(NOVX), 라임(LMX) 신규 거래지원 안내 (KRW 마켓) (SKYN, LMX 거래지원 취소 안내) | NOVX:KRW",
                "스카인(SKYN), 노바(NOVX) 신규 거래지원 안내 (KRW 마켓) (스카인 거래지원 취소 안내) | NOVX:KRW",
                "스카인(SKYN), 에스(S) 신규 거래지원 안내 (KRW 마켓) (S 거래지원 취소 안내) | SKYN:KRW",
                "BTC 마켓 신규 거래지원 안내 (SKYN, NOVX) (NOVX 거래지원 취소) | SKYN:BTC",
                "스카인(SKYN)(KRW 마켓), 노바(NOVX)(BTC 마켓) 신규 거래지원 안내 (NOVX 거래지원 취소 안내) | SKYN:KRW",
                "스카인(SKYN), 테더(USDT) 신규 거래지원 안내 (KRW 마켓) (USDT 거래지원 취소 안내) | SKYN:KRW",
                "스카인(SKYN) 신규 거래지원 안내 (KRW, BTC 마켓) (KRW 마켓 거래지원 취소 안내) | SKYN:BTC",
                "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) (거래지원 취소 안내) | ",
                "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) (KRW 마켓 거래지원 취소 안내) | ",
            })
    void a_coin_whose_support_is_cancelled_is_not_among_them(String title, String coins) {
        assertRead(title, Kind.LISTING, coins);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "event | [이벤트] 스카인(SKYN) 원화마켓 오픈 이벤트 : TOP 트레이딩",
                "event | 스카인(SKYN) 거래지원 기념, 총 상금 500 SKYN! (이벤트 종료)",
                "event | 스카인(SKYN) 신규 거래지원 기념 이벤트 (KRW 마켓)",
                "event | [이벤트] 스카인(SKYN) 신규 거래지원 안내 (KRW 마켓)",
                "event | 스카인(SKYN) 거래하고 선물 받아가세요! KRW 마켓 디지털 자산 추가",
                "event | 스카인(SKYN) 트레이딩 위크 : 미션",
                "event | KRW 마켓 전 종목 거래 수수료 0% 혜택",
                "event | 스카인(SKYN) 안내 (이벤트 당첨자 안내)",
                "event | KRW 마켓 디지털 자산 추가 이벤트(SKYN)",
                "event | 원화마켓 오픈이벤트(SKYN)",
                "event | 거래이벤트(SKYN) KRW 마켓 디지털 자산 추가",
                "wallet | 스테이킹온(STO) 입출금 일시 중단 안내",
                "delisting | 거래지원 종료(SKYN) 안내",
                "delisting | 스카인(SKYN) 거래지원 종료 안내 (9/14 15:00)",
                "delisting | 스카인(SKYN) KRW 마켓 거래지원 종료 안내(9/14 15:00)",
                "delisting | [거래] 스카인(SKYN), 노바(NOVX) 거래 지원 종료 안내 (거래지원 종료 일정 변경 안내)",
                "delisting | 스카인(SKYN) 유의 종목 지정 및 거래지원 종료 예정 안내",
                "caution | 스카인(SKYN)  거래 유의 종목 지정 안내",
                "caution | 스카인(SKYN) 유의종목 지정 해제 안내 (KRW 마켓)",
                "caution | 디지털 자산 투자 주의 안내",
                "caution | 스카인(SKYN) 유의 촉구 안내",
                "rename | 스카인(SKYN) 리브랜딩 및 토큰 스왑에 따른 입출금 일시 중단 안내",
                "rename | 스카인(SKYN) 토큰 스왑에 따른 거래지원 일시 중단 안내 (KRW 마켓)",
                "maintenance | 서버 점검 안내 (08/26 22:00 ~)",
                "maintenance | 네트워크 점검에 따른 스카인(SKYN) 입출금 중단 안내",
                "wallet | 스카인(SKYN) 입출금 일시 중단 안내 (완료)",
                "wallet | 스카인(SKYN) 입출금 가능 네트워크 추가 안내 (Arc 네트워크)",
                "wallet | [입출금] 스카인(SKYN) 출금 재개 안내",
                "wallet | 입출금 지원 디지털 자산 추가 (SKYN)",
                "wallet | 스카인(SKYN) 네트워크 업그레이드 안내",
                "other | 유통량 계획표 변경 안내 : 스카인(SKYN)",
                "other | 업비트 코인빌리기 신규 대여 자산 추가 안내 (SKYN 외 2종)",
                "other | 업비트 스테이킹 디지털 자산 추가 안내 (SKYN)",
                "other | 8월 2주차 SKYN 지급 안내",
                "other | [NFT 드롭스] 새 작품",
                "other | 가상자산사업자와의 입출금 제한 및 유의사항 (2026.06.23 추가)",
                "other | 불공정거래 예방 안내",
                "other | Hello",
                "other | ''",
            })
    void what_quotes_a_listing_is_none(String kind, String title) {
        assertRead(title, Kind.valueOf(kind.toUpperCase(Locale.ROOT)), "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "listing | 네오스카인, 노바 원화 마켓 오픈 | ",
                "listing | 스카인 신규 거래지원 안내 (KRW 마켓) | ",
                "listing | 스카인(SKYN) 신규 거래지원 안내 | SKYN:",
                "listing | 스카인(SKYN) 신규 거래지원 안내 (QQQ 마켓) | SKYN:",
                "listing | 스카인(Skyn) 신규 거래지원 안내 (KRW 마켓) | ",
                "listing | 스카인(SKYN) 외 5종 신규 거래지원 안내 (KRW 마켓) | SKYN:KRW",
                "listing | KRW 마켓 디지털 자산 추가 (스카인, 노바 NOVX) | NOVX:KRW",
                "listing | 스카인(SKYN)(KRW 마켓), 노바(NOVX) 디지털 자산 추가 | SKYN:KRW NOVX:",
                "listing | 스카인(SKYN), 노바(NOVX) 신규 거래지원 안내 (KRW 마켓) (일부 거래지원 취소 안내) | SKYN:KRW NOVX:KRW",
                "listing | 스카인(SKYN) 신규 거래지원 안내 (KRW 마켓) (라임(LMX) 거래지원 취소 안내) | SKYN:KRW",
                "other | 스카인(SKYN) 거래지원 개시 시점 변경 안내 (KRW 마켓) | ",
                "other | 스카인(SKYN) 신규 거래지원 취소 안내 (KRW 마켓) | ",
                "other | KRW 마켓 추가 (SKYN) | ",
                "other | 스카인(SKYN) 원화 마켓 그랜드 오픈 | ",
                "other | 신규 거래지원 심사 절차 안내 | ",
                "other | [신규 거래지원] 스카인(SKYN) (KRW 마켓) | ",
                "other | Market Support for Skyn(SKYN) (KRW, BTC, USDT Market) | ",
                "other | Skyn(SKYN) added to the KRW market | ",
            })
    void where_no_rule_decides_on_words_of_a_listing_a_person_has_to(String kind, String title, String coins) {
        NoticeTitle read = NoticeTitle.parse(title);
        assertThat(read.unclear()).isTrue();
        assertThat(read.kind().id()).isEqualTo(kind);
        assertThat(coins(read)).isEqualTo(coins == null ? "" : coins);
    }

    @Test
    void the_category_filters_first() {
        String title = "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓)";
        for (String trade : List.of("거래", "Trade", "trade", " 거래 ", "", "never seen")) {
            assertThat(NoticeTitle.parse(title, trade)).isEqualTo(NoticeTitle.parse(title));
        }
        assertThat(NoticeTitle.parse(title, "이벤트")).isEqualTo(new NoticeTitle(Kind.EVENT, List.of(), false));
        assertThat(NoticeTitle.parse(title, "Event").listings()).isEmpty();
        assertThat(NoticeTitle.parse(title, "입출금")).isEqualTo(new NoticeTitle(Kind.OTHER, List.of(), true));
        assertThat(NoticeTitle.parse("스카인(SKYN) 안내", "입출금").kind()).isEqualTo(Kind.WALLET);
        assertThat(NoticeTitle.parse("스카인(SKYN) 거래지원 종료 안내", "안내").kind()).isEqualTo(Kind.DELISTING);
    }

    @Test
    void letters_that_a_system_took_apart_and_signs_nobody_sees_do_not_hide_a_listing() {
        String title = "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓)";
        NoticeTitle read = NoticeTitle.parse(title);

        assertThat(NoticeTitle.parse(Normalizer.normalize(title, Normalizer.Form.NFD)))
                .isEqualTo(read);
        assertThat(NoticeTitle.parse(
                        "\uFEFF" + title.replace(" ", "\u00a0\u200b\t").replace("마켓", "마\u200d켓")))
                .isEqualTo(read);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../x(EVIL) KRW 마켓 디지털 자산 추가",
                "<script>alert()</script>(X) KRW 마켓 디지털 자산 추가",
                "스카인(../../etc) KRW 마켓 디지털 자산 추가",
                "KRW 마켓 디지털 자산 추가 (../A, <b>, A/../B, \"; DROP TABLE)",
                "스카인(ＳＫＹＮ) 신규 거래지원 안내 (KRW 마켓)",
                "스카인(SK\u0000YN) 신규 거래지원 안내 (KRW 마켓)",
                "스카인(\u202eNYKS\u202c) 신규 거래지원 안내 (KRW 마켓)",
                "스카인(ABCDEFGHIJKLM) 신규 거래지원 안내 (KRW 마켓)",
                "스카인(СКАЙ) 신규 거래지원 안내 (KRW 마켓)",
                "스카인(SKYN\u0301) 신규 거래지원 안내 (KRW 마켓)",
                "((((((스카인(SKYN) 신규 거래지원 안내 (KRW 마켓",
                "))))스카인)SKYN( 신규 거래지원 안내 )KRW 마켓(",
                "[[[[거래] 스카인(SKYN) 신규 거래지원 안내 (KRW 마켓)",
                "\ud83d스카인(\udc00) 신규 거래지원 안내 (KRW 마켓)",
            })
    void hostile_titles_yield_nothing_but_symbols(String title) {
        NoticeTitle read = NoticeTitle.parse(title);

        assertThat(read.listings()).allMatch(coin -> Listing.isCoin(coin.symbol()));
        assertThat(read.unclear() || read.listings().size() == 1).isTrue();
    }

    @Test
    void a_letter_that_only_looks_like_one_of_a_ticker_is_none() {
        for (String ticker : List.of("ＳＫＹＮ", "SK\u0000YN", "СКАЙ", "SKYN\u0301", "ABCDEFGHIJKLM", "Skyn", "")) {
            NoticeTitle read = NoticeTitle.parse("스카인(" + ticker + ") 신규 거래지원 안내 (KRW 마켓)");
            assertThat(read).as(ticker).isEqualTo(new NoticeTitle(Kind.LISTING, List.of(), true));
        }
    }

    @Test
    @Timeout(20)
    void endless_titles_take_no_time() {
        String listing = "스카인(SKYN) 신규 거래지원 안내 (KRW 마켓)";
        for (String part : List.of(
                "(",
                ")",
                "()",
                "((A)",
                "[",
                "[]",
                "] [",
                " ",
                "A",
                ", ",
                "KRW, ",
                "KRW 마켓",
                "(KRW 마켓)",
                "(A)",
                "(A, B)",
                "취소",
                "변경 ",
                "a\u0301\u0327",
                "마켓 ",
                "신규 거래지원 ",
                "이벤트",
                "원화",
                "\u200b",
                "수수료 ",
                "외 1",
                listing)) {
            for (int length : new int[] {TitleText.LONGEST - listing.length() - 1, 100_000, 1_000_000}) {
                String endless = part.repeat(length / part.length());
                for (String title : List.of(endless, listing + endless, endless + listing)) {
                    long begun = System.nanoTime();
                    NoticeTitle.parse(title);
                    assertThat(Duration.ofNanos(System.nanoTime() - begun))
                            .as(part)
                            .isLessThan(Duration.ofSeconds(2));
                }
            }
        }
        assertThat(NoticeTitle.parse(listing + "(".repeat(1_000_000)).unclear()).isTrue();
        assertThat(NoticeTitle.parse(" ".repeat(1_000_000) + listing)).isEqualTo(NoticeTitle.parse(listing));
    }
}
