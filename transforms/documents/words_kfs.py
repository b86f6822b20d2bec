"""The words of a Key Facts Statement, in English and Hindi: RBI's form of 15 Apr 2024, Annexes A to C (KF-02, KF-03).

Belongs here: words. Does not: where they stand (kfs_pdf.py).
"""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Key Facts Statement", "मुख्य तथ्य विवरण"),
    "for_loan": ("Proposal {}", "प्रस्ताव {}"),
    "lender": ("Lender", "ऋणदाता"),
    "borrower": ("Borrower", "उधारकर्ता"),
    "issued_on": ("Date of issue", "जारी करने की तिथि"),
    "valid_until": ("Terms open for acceptance until", "शर्तें स्वीकार करने की अंतिम तिथि"),
    "valid_note": (
        "The terms stay open for at least three working days when the loan runs for seven days or more, otherwise for "
        "one. The day of issue does not count. A charge that this statement does not name needs your explicit consent.",
        "सात दिन या उससे अधिक अवधि के ऋण की शर्तें कम से कम तीन कार्य दिवस तक, अन्यथा एक कार्य दिवस तक खुली रहती हैं। "
        "जारी करने का दिन नहीं गिना जाता। जो शुल्क इस विवरण में नहीं है, वह आपकी स्पष्ट सहमति के बिना नहीं लिया जा सकता।",
    ),
    "part_1": ("Part 1: Interest rate and fees/charges", "भाग 1: ब्याज दर और शुल्क/प्रभार"),
    "part_2": ("Part 2: Other qualitative information", "भाग 2: अन्य गुणात्मक जानकारी"),
    "proposal": ("Loan proposal / account no.", "ऋण प्रस्ताव / खाता संख्या"),
    "loan_type": ("Type of loan", "ऋण का प्रकार"),
    "sanctioned": ("Sanctioned loan amount", "स्वीकृत ऋण राशि"),
    "disbursal": ("Disbursal schedule", "संवितरण अनुसूची"),
    "disbursal_how": ("(i) In stages or 100% upfront", "(i) चरणों में या 100% अग्रिम"),
    "disbursal_clause": (
        "(ii) If in stages, the clause of the loan agreement with the details",
        "(ii) चरणों में होने पर, ऋण अनुबंध का संबंधित खंड",
    ),
    "upfront": ("100% upfront", "100% अग्रिम"),
    "staged": ("In stages", "चरणों में"),
    "term": ("Loan term", "ऋण अवधि"),
    "installments": ("Instalment details", "किस्तों का विवरण"),
    "installment_type": ("Type of instalments", "किस्तों का प्रकार"),
    "installment_count": ("Number of EPIs", "समान आवधिक किस्तों (EPI) की संख्या"),
    "installment_amount": ("EPI", "EPI राशि"),
    "commencement": ("Commencement of repayment, post sanction", "स्वीकृति के बाद पुनर्भुगतान का आरंभ"),
    "begins": ("{} ({} days after disbursal)", "{} (संवितरण के {} दिन बाद)"),
    "unequal": ("not equal: see Annex B", "समान नहीं: अनुलग्नक ख देखें"),
    "rate": ("Interest rate (%) and type", "ब्याज दर (%) और प्रकार"),
    "rate_only": ("Interest rate a year", "ब्याज दर प्रति वर्ष"),
    "rate_per_year": ("{} a year, {}", "{} प्रति वर्ष, {}"),
    "fixed": ("fixed", "स्थिर"),
    "floating": ("floating", "अस्थिर (फ्लोटिंग)"),
    "hybrid": ("hybrid", "मिश्रित (हाइब्रिड)"),
    "flat": ("charged flat on the sanctioned amount", "स्वीकृत राशि पर समान (फ्लैट) रूप से"),
    "rule_of_78": ("charged flat, shared by the rule of 78", "समान (फ्लैट) रूप से, 78 के नियम से विभाजित"),
    "floating_more": ("Additional information in case of floating rate", "अस्थिर दर होने पर अतिरिक्त जानकारी"),
    "benchmark": ("Reference benchmark", "संदर्भ बेंचमार्क"),
    "benchmark_rate": ("Benchmark rate (B)", "बेंचमार्क दर (B)"),
    "spread": ("Spread (S)", "स्प्रेड (S)"),
    "final_rate": ("Final rate R = B + S", "अंतिम दर R = B + S"),
    "reset_benchmark": ("Reset period of B, months", "B के पुनर्निर्धारण की अवधि, माह"),
    "reset_spread": ("Reset period of S, months", "S के पुनर्निर्धारण की अवधि, माह"),
    "effect": ("Effect of a rise of R by {}", "R में {} वृद्धि का प्रभाव"),
    "effect_amount": ("EPI rises by {}", "EPI {} बढ़ेगी"),
    "effect_count": ("or {} EPIs more", "या {} अधिक EPI"),
    "fees": ("Fees / charges", "शुल्क / प्रभार"),
    "fees_note": ("amounts are net of GST", "राशियाँ जीएसटी के बिना हैं"),
    "fees_note_gst": ("amounts include GST", "राशियों में जीएसटी शामिल है"),
    "to_lender": ("Payable to the lender (A)", "ऋणदाता को देय (A)"),
    "to_third_party": ("Payable to a third party through the lender (B)", "ऋणदाता के माध्यम से तीसरे पक्ष को देय (B)"),
    "processing": ("(i) Processing fees", "(i) प्रसंस्करण शुल्क"),
    "insurance": ("(ii) Insurance charges", "(ii) बीमा प्रभार"),
    "valuation": ("(iii) Valuation fees", "(iii) मूल्यांकन शुल्क"),
    "other_fee": ("(iv) Any other", "(iv) कोई अन्य"),
    "one_time": ("One-time", "एकमुश्त"),
    "recurring": ("Recurring, {} times", "आवर्ती, {} बार"),
    "gst_beside": ("GST {} beside", "जीएसटी {} अलग से"),
    "apr": ("Annual Percentage Rate (APR)", "वार्षिक प्रतिशत दर (APR)"),
    "contingent": ("Contingent charges", "आकस्मिक प्रभार"),
    "penal": ("(i) Penal charges for delayed payment", "(i) विलंबित भुगतान पर दंडात्मक प्रभार"),
    "penal_rate": (
        "{} a year on overdue principal and interest",
        "अतिदेय मूलधन और ब्याज पर {} प्रति वर्ष",
    ),
    "penal_grace": ("from the due date, nil if paid within {} days of it", "देय तिथि से; {} दिन के भीतर भुगतान पर शून्य"),
    "penal_flat": ("{} once for each late instalment", "हर विलंबित किस्त पर एक बार {}"),
    "penal_note": ("never capitalised, no interest on it, no GST", "मूलधन में नहीं जुड़ता, इस पर ब्याज और जीएसटी नहीं"),
    "penal_other": ("(ii) Other penal charges", "(ii) अन्य दंडात्मक प्रभार"),
    "foreclosure": ("(iii) Foreclosure charges", "(iii) समय-पूर्व समापन (फोरक्लोज़र) प्रभार"),
    "foreclosure_rate": ("{} of the principal prepaid", "समय-पूर्व चुकाए गए मूलधन का {}"),
    "plus_gst": ("plus GST at {}", "और {} जीएसटी"),
    "foreclosure_free": ("free once {} instalments have fallen due", "{} किस्तें देय हो जाने के बाद शून्य"),
    "switching": ("(iv) Switching from floating to fixed rate or back", "(iv) अस्थिर से स्थिर दर या वापस बदलने का प्रभार"),
    "other_charges": ("(v) Any other charges", "(v) कोई अन्य प्रभार"),
    "nil": ("Nil", "शून्य"),
    "recovery_clause": (
        "Clause of the loan agreement relating to engagement of recovery agents",
        "वसूली एजेंटों की नियुक्ति से संबंधित ऋण अनुबंध का खंड",
    ),
    "grievance_clause": (
        "Clause of the loan agreement which details the grievance redressal mechanism",
        "शिकायत निवारण तंत्र का विवरण देने वाला ऋण अनुबंध का खंड",
    ),
    "officer": (
        "Phone number and e-mail of the nodal grievance redressal officer",
        "नोडल शिकायत निवारण अधिकारी का फ़ोन नंबर और ई-मेल",
    ),
    "transfer": (
        "Whether the loan is, or may be, subject to transfer to other lenders or securitisation",
        "क्या ऋण अन्य ऋणदाताओं को अंतरित या प्रतिभूतिकृत किया गया है या किया जा सकता है",
    ),
    "yes": ("Yes", "हाँ"),
    "no": ("No", "नहीं"),
    "collaborative": ("In case of collaborative lending", "सहयोगात्मक ऋण होने पर"),
    "originator": ("Originating lender and its share", "मूल ऋणदाता और उसका हिस्सा"),
    "partner": ("Partner lender and its share", "साझेदार ऋणदाता और उसका हिस्सा"),
    "blended": ("Blended rate of interest", "मिश्रित ब्याज दर"),
    "digital": ("In case of digital loans", "डिजिटल ऋण होने पर"),
    "cooling_off": (
        "(i) Cooling-off period, during which prepayment bears no penalty",
        "(i) कूलिंग-ऑफ अवधि, जिसमें समय-पूर्व भुगतान पर कोई दंड नहीं",
    ),
    "recovery_lsp": (
        "(ii) Lending service provider acting as recovery agent and authorised to approach the borrower",
        "(ii) वसूली एजेंट के रूप में कार्य करने वाला और उधारकर्ता से संपर्क हेतु अधिकृत ऋण सेवा प्रदाता",
    ),
    "received": (
        "I have received and understood this statement.",
        "मैंने यह विवरण प्राप्त किया और समझ लिया है।",
    ),
    "signature": ("Signature of the borrower", "उधारकर्ता के हस्ताक्षर"),
    "place_and_date": ("Place and date", "स्थान और तिथि"),
    "annex_a": ("Annex A: Computation of the APR", "अनुलग्नक क: APR की गणना"),
    "annex_b": ("Annex B: Repayment schedule", "अनुलग्नक ख: पुनर्भुगतान अनुसूची"),
    "rate_type": ("Interest rate type", "ब्याज दर का प्रकार"),
    "total_interest": (
        "Total interest over the whole term, at the rate on the day of sanction",
        "स्वीकृति के दिन की दर पर पूरी अवधि का कुल ब्याज",
    ),
    "upfront_interest": (
        "of which kept back at disbursal (broken period)",
        "जिसमें से संवितरण के समय काटा गया (खंडित अवधि)",
    ),
    "total_fees": ("Fees / charges payable (A + B)", "देय शुल्क / प्रभार (A + B)"),
    "fees_a": ("A. Payable to the lender", "A. ऋणदाता को देय"),
    "fees_b": ("B. Payable to third parties through the lender", "B. ऋणदाता के माध्यम से तीसरे पक्ष को देय"),
    "net_disbursed": (
        "Net disbursed amount, for the APR",
        "APR के लिए शुद्ध संवितरित राशि",
    ),
    "net_note": (
        "sanctioned amount less all one-time fees and interest kept back",
        "स्वीकृत राशि में से सभी एकमुश्त शुल्क और काटा गया ब्याज घटाकर",
    ),
    "total_payable": ("Total amount payable by the borrower (1 + 5)", "उधारकर्ता द्वारा देय कुल राशि (1 + 5)"),
    "first_due": ("Due date of the first instalment", "पहली किस्त की देय तिथि"),
    "how": (
        "The APR is i × {} periods a year, where i is the rate of one period at which all payments are worth the net "
        "disbursed amount on the day of disbursal: sum of payment ÷ (1 + i)^t = {}. Here i = {}. Contingent charges "
        "are not part of it.",
        "APR = i × वर्ष में {} अवधियाँ, जहाँ i एक अवधि की वह दर है जिस पर सभी भुगतानों का मूल्य संवितरण के दिन शुद्ध संवितरित राशि "
        "के बराबर होता है: भुगतान ÷ (1 + i)^t का योग = {}। यहाँ i = {}। आकस्मिक प्रभार इसमें शामिल नहीं हैं।",
    ),
    "how_regular": (
        "t counts the periods from disbursal.",
        "t संवितरण से अवधियों की गिनती है।",
    ),
    "how_irregular": (
        "t counts the days from disbursal × periods a year ÷ 365; Annex B shows it.",
        "t = संवितरण से दिन × वर्ष की अवधियाँ ÷ 365; यह अनुलग्नक ख में दिखाया गया है।",
    ),
    "how_unrounded": (
        "The APR takes the EPI unrounded: {}.",
        "APR में बिना पूर्णांकन की EPI ली गई है: {}।",
    ),
    "rounding_note": (
        "EPIs are rounded to {}; the last one takes what rounding left, so the schedule may differ from the totals of "
        "Annex A by as much.",
        "EPI को {} तक पूर्णांकित किया गया है; अंतिम किस्त में शेष अंतर समायोजित होता है, इसलिए अनुसूची का योग अनुलग्नक क से "
        "उतना ही भिन्न हो सकता है।",
    ),
    "number": ("No.", "क्र."),
    "due_on": ("Due on", "देय तिथि"),
    "t": ("t", "t"),
    "opening": ("Outstanding principal", "बकाया मूलधन"),
    "principal": ("Principal", "मूलधन"),
    "interest": ("Interest", "ब्याज"),
    "fee": ("Fees + GST", "शुल्क + जीएसटी"),
    "total": ("Instalment", "किस्त"),
    "sum": ("Total", "योग"),
}

# What one period is called, by unit and count; {} is the count.
PERIODS: dict[str, tuple[str, str]] = {
    "1 day": ("Daily", "दैनिक"),
    "1 week": ("Weekly", "साप्ताहिक"),
    "2 week": ("Fortnightly", "पाक्षिक"),
    "1 month": ("Monthly", "मासिक"),
    "3 month": ("Quarterly", "त्रैमासिक"),
    "6 month": ("Half-yearly", "अर्धवार्षिक"),
    "1 year": ("Yearly", "वार्षिक"),
    "day": ("Every {} days", "हर {} दिन"),
    "week": ("Every {} weeks", "हर {} सप्ताह"),
    "month": ("Every {} months", "हर {} माह"),
    "year": ("Every {} years", "हर {} वर्ष"),
}
SPANS: dict[str, tuple[str, str]] = {
    "day": ("{} days", "{} दिन"),
    "week": ("{} weeks", "{} सप्ताह"),
    "month": ("{} months", "{} माह"),
    "year": ("{} years", "{} वर्ष"),
}
