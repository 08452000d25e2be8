package io.metdc.simulator;

import java.util.List;

/// The notices there are when a simulator starts, in the exchange's wordings of 2022 to 2026 with invented names:
/// listings of every form, amended or not, and everything else that a page is full of.
final class PastNotices {
    private PastNotices() {}

    /// @param amended whether it was published anew with this title
    /// @param days    how long ago, where that is not left to the seed
    record Past(SimulatedNotice.Category category, String title, boolean amended, int days) {}

    private static final String AMENDED = "*";

    /// Kept apart from the list, years old.
    static final List<Past> PINNED = List.of(
            new Past(SimulatedNotice.Category.NOTICE, "불공정거래 예방조치 제도 안내", false, 388),
            new Past(SimulatedNotice.Category.NOTICE, "미신고 가상자산사업자와의 입출금 제한 및 유의사항", false, 1_549));

    /// The oldest first.
    static final List<Past> TITLES = parsed("""
            TRADE KRW, BTC 마켓 디지털 자산 추가 (RAON, BYUL)
            WALLET* 라온(RAON) 입출금 일시 중단 안내 (완료)
            TRADE 해온(HAEON) 거래 유의 종목 지정 안내
            TRADE* KRW 마켓 디지털 자산 추가 (MIRU) (거래지원 개시 시점 연기 안내)
            EVENT* 라온(RAON) 거래지원 기념, 총 상금 500,000 RAON 상당 TOP 트레이딩 이벤트! (이벤트 종료)
            TRADE BTC 마켓 디지털 자산 추가 (단비프로토콜 DANB, 이슬 파이낸스 ISUL)
            TRADE 온새미로(ONSE) 신규 거래지원 안내 (KRW, BTC, USDT 마켓)
            NOTICE 업비트 Open API 점검 일정 및 이용 유의사항 안내
            TRADE 모래(MORE) 거래지원 종료 안내(10/12 15:00)
            TRADE 가람(GARA), 나래(NARE) 신규 거래지원 안내 (BTC, USDT 마켓)
            WALLET 가온체인 네트워크 계열 디지털 자산 입출금 일시 중단 안내 (10/15 18:00 ~)
            TRADE* 다솜(DASM)(KRW, USDT 마켓), 마루(MARU)(KRW 마켓) 디지털 자산 추가 (주문 타입 제한 관련 안내)
            DIGITAL_ASSET 유통량 계획표 변경 안내 : 온새미로(ONSE)
            TRADE 바다에(BDE) KRW 마켓 디지털 자산 추가
            MAINTENANCE* 은행 측 긴급 점검에 따른 계좌 인증 및 원화 입출금 서비스 일시 중단 안내 (완료)
            TRADE 사나래(SNRE) 거래 유의 종목 지정 기간 연장 안내
            TRADE BTC, USDT 마켓 신규 거래지원 안내 (AREM, BOMI, CHORK, DURE)
            EVENT 8월 15일부터 단 3일간! USDT 마켓 전 종목 거래 수수료 0% 혜택을 만나보세요!
            TRADE* 아라(A) 신규 거래지원 안내 (KRW, BTC, USDT 마켓) (매도 최저가 기준 가격 안내)
            TRADE 자올(ZAOL) 거래 유의 종목 지정 해제 안내
            WALLET 마루(MARU) 입출금 일시 지연 안내
            TRADE* 찬별(CHBL), 카나리아(KNRA) 신규 거래지원 안내 (BTC, USDT 마켓) (찬별(CHBL) 거래지원 취소 안내)
            NFT [NFT 드롭스] 빛과 먹으로 그린 새벽 산수
            TRADE 타래(TARE) 거래지원 종료 안내 (10/26 15:00)
            TRADE 세븐온스(7ONS) 신규 거래지원 안내 (KRW, USDT 마켓)
            NOTICE 디지털 자산 실사보고서 결과 공개
            TRADE* 파랑(PRNG) KRW, USDT 마켓 디지털 자산 추가 (거래지원 개시 시점 추가 변경 안내)
            WALLET* 하나린(HNRN) 네트워크 업그레이드에 따른 입출금 일시 중단 안내 (완료)
            TRADE 가온누리(GONR) 유의 촉구 안내
            TRADE  그루(GRU)(KRW, BTC, USDT 마켓), 나린(NRIN)(BTC, USDT 마켓) 신규 거래지원 안내
            EVENT 엑스온(별칭)(XONE) 거래하고, 총 상금 1 BTC 받아가세요! XONE TOP 100 트레이딩 이벤트!
            TRADE 다온(DAON) 거래지원 종료 안내 (11/2 15:00)
            SERVICE 코인빌리기 신규 대여 자산 추가 안내 (GRU 외 3종)
            TRADE* 라라온(LARA) 신규 거래지원 안내 (USDT 마켓) (거래지원 개시 시점 변경 안내)
            TRADE 마음결(MAUM)  거래 유의 종목 지정 안내
            DIGITAL_ASSET* 옛이름(OLDN) 리브랜딩 및 토큰 스왑에 따른 입출금 및 거래 지원 일시 중단 안내 (일정 변경 안내)
            TRADE KRW, BTC 마켓 디지털 자산 추가 (BARO) (매도 주문 제한 기준 가격 안내)
            TRADE 시나브로(SINA) KRW 마켓 디지털 자산 추가
            WALLET 유에스디온(USDO) 입출금 가능 네트워크 추가 안내 (가온체인 네트워크)
            TRADE* 아토(ATO) 신규 거래지원 안내 (KRW, BTC, USDT 마켓) (입출금 서비스 개시 안내 및 거래지원 개시 시점 안내)
            TRADE 제로하나(0H) 신규 거래지원 안내 (KRW, BTC, USDT 마켓)
            EVENT* 제로하나(0H) 거래지원 기념, 총 상금 60,000 OH 상당 TOP 트레이딩 이벤트! (이벤트 당첨 안내)
            TRADE 차오름(CHAO) 거래 유의 종목 지정 안내
            NOTICE 업비트 개선 사항 : 관심 종목 알림 세분화
            TRADE* 큰솔(KSOL) 거래지원 종료 안내 (거래지원 종료 일정 변경 안내)
            TRADE 토리(TORI), 푸른(PURN) 신규 거래지원 안내 (BTC, USDT 마켓)
            WALLET ICONE, ZILLE 입출금 일시 중단 안내
            TRADE 하람(엘)(HARM) KRW 마켓 디지털 자산 추가
            TRADE 가라온(GRON), 단미(DANM) 유의 종목 지정 해제 안내
            MAINTENANCE 업비트 서비스 점검 안내 (11/05 02:00 ~ 04:00)
            TRADE* 페이온(PAYO), 제이온(JYON) 신규 거래지원 안내 (KRW, BTC, USDT 마켓) (JYON 거래지원 개시 시점 추가 변경 안내)
            TRADE 노을(NOUL) 거래지원 종료 안내(11/16 15:00)
            DIGITAL_ASSET 유통량 계획표 신규 안내 : 토리(TORI)
            TRADE 라움(RAUM) KRW, USDT 마켓 디지털 자산 추가
            TRADE BTC, USDT 마켓 신규 거래지원 안내 (EBYN, FLUE, GAMI)
            WALLET* 시나브로(SINA) 입출금 일시 중단 안내 (완료)
            TRADE 미르(MIRR) 거래 유의 종목 지정 기간 연장 안내
            TRADE* 별하(BLHA) 신규 거래지원 안내 (KRW, BTC, USDT 마켓) (명칭 변경 안내)
            EVENT 별하(BLHA) 트레이딩 위크 : 거래 미션 달성하고, TOP 100 탑트레이더에 도전하세요!
            TRADE 새론(SRON) KRW 마켓 디지털 자산 추가
            NOTICE 10월 1주차 GASS, VTHR 지급 안내
            TRADE 온빛(ONBT) 거래 유의 종목 지정 안내
            TRADE* 이든(EDNN) KRW 마켓 디지털 자산 추가 (거래지원 개시 시점 변경 안내)
            WALLET 온빛(ON) 출금 일시 중단 안내
            TRADE 초롱(CHRG) 거래지원 종료 안내 (11/30 15:00)
            TRADE 한울(HNUL) 신규 거래지원 안내 (BTC, USDT 마켓)
            """);

    private static List<Past> parsed(String lines) {
        return lines.lines()
                .map(line -> {
                    int blank = line.indexOf(' ');
                    String head = line.substring(0, blank);
                    boolean amended = head.endsWith(AMENDED);
                    return new Past(
                            SimulatedNotice.Category.valueOf(head.replace(AMENDED, "")),
                            line.substring(blank + 1),
                            amended,
                            0);
                })
                .toList();
    }
}
