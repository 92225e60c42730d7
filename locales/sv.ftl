# plugg på svenska. Hur man översätter står överst i en.ftl.

## Tal och datum

decimal-mark = ,
percent = { $number } %
date = { $day } { $month } { $year }
date-with-weekday = { $weekday } { $day } { $month }
month = { $month ->
    [1] januari
    [2] februari
    [3] mars
    [4] april
    [5] maj
    [6] juni
    [7] juli
    [8] augusti
    [9] september
    [10] oktober
    [11] november
   *[12] december
}
month-short = { $month ->
    [1] jan
    [2] feb
    [3] mar
    [4] apr
    [5] maj
    [6] jun
    [7] jul
    [8] aug
    [9] sep
    [10] okt
    [11] nov
   *[12] dec
}
weekday = { $weekday ->
    [1] måndag
    [2] tisdag
    [3] onsdag
    [4] torsdag
    [5] fredag
    [6] lördag
   *[7] söndag
}
weekday-short = { $weekday ->
    [1] mån
    [2] tis
    [3] ons
    [4] tor
    [5] fre
    [6] lör
   *[7] sön
}
date-short = { $day } { $month } { $year }
day-short = { $weekday } { $day } { $month }
day-and-month = { $day } { $month }
month-and-year = { $month } { $year }
month-in-years = { $month } { $year }
interval-now = nu
interval-days = { $days } d
interval-years = { $years } år

## Nivåer och områden

level-foundation = grund
level-practitioner = kunnig
level-expert = expert
area-unsorted = Osorterat
area-all = Alla områden

## Rapporten

report-nothing = Inget att rapportera än. Börja med: plugg quiz
report-no-cards = Inga kort än.
report-heading = Det här kan jag, { $date }
report-goal = ditt mål här: { $level }
report-column-area = område
report-column-system = system
report-column-depth = djup
report-column-holds = nivå
report-column-cover = täckt
report-column-recalled = mindes, { $days } dagar
report-column-today = i dag
report-column-trend = trend
report-column-due = dags
report-share = { $share } % ({ $low }–{ $high }, n { $answers })
report-no-answers = inga svar än
report-too-few = för få svar ({ $answers })
report-fading = { $title }: nivån { $level } håller inte längre, sedan { $date }
report-slipping = Korten som glider undan mest, och chansen att du kan dem i dag
report-recalled-of = { $recalled } av { $cards } sitter
report-held = nådd
report-next-recall = nästa: { $level }, det saknas { $points ->
    [one] { $points } procentenhet
   *[other] { $points } procentenheter
} i dag
report-next-cards = nästa: { $level }, { $cards } kort ska sitta dagen efter; inget nytt på fyra veckor
report-next-cards-pace = nästa: { $level }, { $cards } kort ska sitta dagen efter, { $days ->
    [one] ungefär en dag
   *[other] ungefär { $days } dagar
} i nuvarande takt
report-young = unga kort
report-young-meaning = intervall under 21 dagar
report-mature = mogna kort
report-mature-meaning = 21 dagar eller mer
report-checked = rättade svar
report-checked-meaning = programmet jämförde dem
report-self-graded = självrättade svar
report-self-graded-meaning = din bedömning, eller ändrat betyg
report-note-depth = djup: grund, kunnig, expert: ■ nådd, □ ditt mål, · bortom målet
report-note-recalled = mindes: rätt på dagens första försök, minst en dag efter det förra, minus ren tur; 95 % konfidensintervall
report-note-today = i dag: så stor del av alla korten skulle du kunna just nu; kort du aldrig har sett räknas som noll
report-note-cover = täckt: kort inom ditt mål som du mindes minst en dag efter att du först såg dem ÷ kort inom ditt mål
report-note-holds = nivå: den djupaste nivån där, tillsammans med allt under den, minst 80 % är täckt och undre gränsen för dagens 95-procentsintervall är minst 80 %; intervallet hålls brett tills 100 svar har förutsagts
report-note-next = nästa: den grundaste nivån du inte har nått; kort som återstår innan fyra av fem sitter, i den takt som nya kort har satt sig de senaste fyra veckorna
report-note-luck = tur: den som gissar bland tre svar får rätt en gång av tre; den andelen dras av från de rätta svaren: kan = (rätt − gissat) ÷ (1 − gissat)
report-note-trend = trend: de senaste åtta veckorna, andelen du mindes per vecka, från hälften eller mindre (▁) till allt (▇); en punkt för en vecka med färre än tio svar
report-note-excluded = nötning, råplugg och importerade svar räknas inte med någonstans; en procentsats kräver tjugo svar
report-prediction-none = prognos: inget att bedöma den efter än
report-prediction-few = prognos: för få svar att bedöma den efter ({ $answers })
report-prediction = prognos hittills: log loss { $own }, enbart ditt snitt { $average }, SM-2:s kurva { $interval } (n { $answers }; lägre är bättre)
report-prediction-poor = Prognosen har varit sämre än enbart ditt snitt: ta ”i dag” med en nypa salt.
report-predicted = prognos
report-recalled = mindes
report-answers = svar
report-few = för få
report-calendar = { $answers } svar på { $active } av { $days } dagar, { $hours } timmar; · inga … █ { $most } på en dag

## Rapporten som sida

page-title = plugg-rapport, { $date }
page-heading = Det här kan jag, område för område
page-of = Rapport från plugg den
page-all-areas = , alla områden
page-known = kan i dag
page-of-cards = av { $cards } kort
page-goals-held = nådda mål
page-of-areas = av { $count ->
    [one] { $count } område
   *[other] { $count } områden
}
page-of-systems = av { $count } system
page-goal-covered = målet täckt
page-due = att repetera
page-on-days = på { $days ->
    [one] { $days } dag
   *[other] { $days } dagar
} det senaste året
page-shape = Bredd och djup
page-shape-note = Bredden går nedåt, djupet åt höger; ramen är ditt mål.
page-levels-figures = Nivåerna i siffror
page-level = nivå
page-cards = kort
page-answers-in = svar, { $days } dagar
page-year = Året
page-year-figures = Året i siffror
page-minutes = minuter
page-new-cards = nya kort
page-reviews = repetitioner
page-ahead = { $days ->
    [one] I dag
   *[other] De närmaste { $days } dagarna
}
page-ahead-figures = De närmaste dagarna i siffror
page-areas = Områdena
page-systems = Systemen
page-systems-figures = System för system
page-goal = mål
page-to-next = till nästa nivå
page-to-next-meaning = kort som du ska minnas minst en dag efter att du först såg dem, och hur många dagar det tar i de senaste fyra veckornas takt; eller hur långt under 80 % den undre gränsen för dagens intervall ligger
page-all-held = alla nådda
page-next-recall = { $level }: { $points ->
    [one] { $points } procentenhet
   *[other] { $points } procentenheter
} till
page-next-cards = { $level }: { $cards } kort
page-next-days = { $level }: { $cards } kort, { $days ->
    [one] { $days } dag
   *[other] { $days } dagar
}
page-trends = Minnet över tid
page-trends-note = En punkt är andelen du mindes av minst { $answers } svar, bandet dess 95-procentsintervall: månad för månad. Alla diagrammen har samma skala.
page-months-figures = Månaderna i siffror
page-weeks = { $title }, vecka för vecka
page-recalled-in = mindes på { $days } dagar: { $share }
page-weeks-figures = Veckorna i siffror
page-week-from = vecka från
page-prediction = Så bra var prognosen
page-prediction-poor = Prognosen har varit sämre än enbart ditt snitt: ta siffrorna för i dag med en nypa salt.
page-prediction-figures = Prognosen i siffror
page-meaning = Vad siffrorna betyder
page-coming = de närmaste dagarna
page-coming-meaning = repetitioner som väntas bli aktuella, och nya kort som väntas komma till
page-term-prediction = prognos
page-term-prediction-meaning = gjordes alltid före svaret; på den streckade linjen stämmer prognos och utfall överens; strecken är 95-procentsintervall
page-not-counted = räknas inte
page-not-counted-meaning = nötning, råplugg och importerade svar; en procentsats kräver tjugo svar

## Diagrammen

chart-shape-areas = Nådda nivåer och mål, område för område
chart-shape-systems = Nådda nivåer och mål, system för system
chart-shape-areas-note = { $reached } av { $count ->
    [one] { $count } område
   *[other] { $count } områden
} når målet. Alla siffror står i tabellen nedanför.
chart-shape-systems-note = { $reached } av { $count } system når målet. Alla siffror står i tabellen nedanför.
chart-held = nådd
chart-recalled = mindes/kort
chart-goal = ditt mål
chart-faded = ↓ tappad
chart-year = Svar per dag, { $weeks } veckor till och med { $date }
chart-year-note = { $answers } svar på { $days ->
    [one] { $days } dag
   *[other] { $days } dagar
}.
chart-day = { $date }: { $answers } svar
chart-none = inga
chart-and-more = { $number } och fler
chart-ahead = Kort per dag, { $days ->
    [one] i dag
   *[other] de närmaste { $days } dagarna
}
chart-ahead-note = { $sum } totalt, som mest { $most } på en dag.
chart-ahead-day = { $date }: { $reviews } repetitioner, { $new } nya
chart-calibration = Prognos och utfall
chart-calibration-point = prognos { $predicted }, mindes { $recalled }
chart-no-points = För få svar för någon punkt.
chart-trend = { $title }: andelen du mindes över tid
chart-trend-note = { $shown } av { $points } punkter med tillräckligt många svar; den sista { $share } %, mellan { $low } och { $high } %.
chart-too-few = för få svar

## Prognosen

forecast-nothing = Inga kort än: inget att förutse.
forecast-day = dag
forecast-month = månad
forecast-reviews = repet.
forecast-new = nya
forecast-left = kvar
forecast-mean = { $reviews } repetitioner om dagen
forecast-span = i { $days } dagar ({ $fewest }–{ $most })
forecast-limit = nya per dag
forecast-limit-now = { $limit } (nu)
forecast-quarters = repet. per dag och kvartal
forecast-all-seen = alla sedda
forecast-unseen = { $cards } osedda
forecast-left-over = { $cards } blir över
forecast-cleared = { $cards } kort att repetera är mer än vad som ryms i dag; eftersläpningen är borta { $date }.
forecast-not-cleared = { $cards } kort att repetera är mer än vad som ryms i dag; eftersläpningen är inte borta inom ett år.
forecast-piling-up = Repetitionerna hopar sig: om ett år skulle { $cards } kort ligga efter.
forecast-basis = { $seen } kort sedda, { $unseen } nya väntar; mindes: nya { $first }, unga { $young }, mogna { $mature }
forecast-note-expected = alla siffror är väntevärden om du kommer varje dag; för i dag det som återstår, för en månad en genomsnittlig dag
forecast-note-reviews = repet.: kort som repeteras, nötning räknas inte; kvar: kort som gränserna skjuter till andra dagar
forecast-note-recall = mindes: av dina räknade svar; ≈ till största delen antaget, färre än tjugo svar; ett kort du minns räknas som ”bra”
forecast-note-span = inom parentes: repetitioner om dagen om du minns så bra, eller så dåligt, som dina svar lämnar öppet
forecast-note-limit = nya per dag: året med dagens gräns för nya kort, sedan med andra gränser

## Förhöret: frågan

quiz-again = igen
quiz-ahead = i förväg
quiz-new = nytt
quiz-minutes-left = { $minutes } min kvar
quiz-hint = Ledtråd:
quiz-hint-options = { $count } av dem är rätt
quiz-leech = En blodigel: glömd { $times } gånger
quiz-leech-advice = För mycket på ett kort, eller lätt att blanda ihop? Ändra (e) eller pausa det (s).

## Förhöret: svaret

quiz-right = Rätt.
quiz-nearly = Nästan.
quiz-wrong = Inte rätt.
quiz-answer = Svaret:
quiz-label-typed = du skrev
quiz-label-answer = svar
quiz-since = sedan { $version }
grade-again = igen
grade-hard = svårt
grade-good = bra
grade-easy = lätt
grade-blank = tomt
grade-wrong = fel
grade-almost = nästan

## Förhöret: tangenterna på sista raden

key-show = visa svaret
key-answer = svara
key-choose = välj
key-choose-all = välj alla som är rätt, sedan Enter
key-order = först, sedan, …
key-done = klart
key-take-back = ta tillbaka
key-hint = ledtråd
key-undo = ångra
key-not-now = inte nu
key-quit = avsluta
key-keys = tangenter
key-others = fler tangenter
key-back = tillbaka till svaret
key-open-picture = öppna bilden
key-open-pictures = öppna bilderna
key-open-sound = öppna ljudet
key-open-sounds = öppna ljuden
key-open-all = öppna bilder och ljud

## Förhöret: alla tangenter

keys-title = Tangenter
keys-enter = visa svaret; godta det föreslagna betyget
keys-number = välj ett alternativ; betygsätt ett svar
keys-hint = ledtråd
keys-undo = ta tillbaka senaste svaret, hur många gånger du vill
keys-not-now = inte nu: hoppa över kortet den här gången
keys-suspend = pausa kortet tills du tar upp det igen
keys-edit = ändra kortet i din editor
keys-flag = skriv en anmärkning om kortet
keys-open = öppna kortets bilder och ljud
keys-quit = avsluta; alla svar är sparade
keys-escape = medan du skriver ett svar: de här tangenterna
keys-back = Tryck på valfri tangent för att gå tillbaka.

## Förhöret: i förbifarten

notice-nothing-to-take-back = Det finns inget svar att ta tillbaka.
notice-taken-back = Ångrat: svaret med betyget { $grade } räknas inte längre.
notice-suspended = Pausat: `plugg card resume` tar upp det igen.
notice-flagged = Noterat.
notice-edited = Sparat. Nästa version av kortleken skriver inte över det.
notice-no-hint = Det här kortet har ingen ledtråd.
notice-leech = Glömt { $times } gånger: en blodigel. Ändra eller pausa kortet när det dyker upp.
notice-overtaken = En annan plugg hann svara på kortet; det här svaret sparades som övning.
media-none = Det finns ingen bild och inget ljud att öppna.
media-opened = Öppnat: { $name }
media-failed = { $name } kan inte öppnas: { $error }
media-unknown = { $name } är ingen bild, film eller ljudfil av känt slag.
media-without-program = Inget program här kan öppna { $name }. Tills förhöret är slut finns filen på
quiz-flag = Vad är det för fel på kortet
quiz-unkept = Svaret kunde inte sparas: { $error }
quiz-try-again = Försöka igen?
quiz-edit-again = Redigera igen?
quiz-yes-no = Enter ja, n nej
yes-letter = j
quiz-edit = Din egen text på kortet. Framstegen finns kvar; nästa version av kortleken skriver inte över den.

## Förhöret rad för rad

plain-show = Enter visar svaret
plain-which = Vilket
plain-which-all = Vilka är rätt
plain-order = I vilken ordning
plain-try-again = Försöka igen? [j/n]
plain-help = En tom rad visar svaret, eller godtar det föreslagna betyget.
plain-no-command = Kommandot :{ $command } finns inte; :help visar vilka som finns.
plain-give-order = Skriv talen 1 till { $count } i rätt ordning, till exempel 2 1 3.
plain-give-one = Skriv ett tal från 1 till { $count }.
plain-give-all = Skriv alla rätta tal från 1 till { $count }, till exempel 1 3.
plain-give-grade = Skriv ett av talen, eller lämna raden tom.

## Förhöret: början och slutet

quiz-focus = Vad vill du kunna på djupet? Mellanslag väljer upp till tre; Enter: bred grund överallt
quiz-decks = kortlekar
quiz-nothing = Inget att fråga om just nu.
quiz-unanswered = Inga frågor besvarades.
quiz-done-quickly = { $cards } kort på under en minut
quiz-done = { $cards } kort på { $minutes } min
quiz-passed = { $passed } rätt på första försöket
quiz-fresh = { $new ->
    [one] { $new } nytt
   *[other] { $new } nya
}
quiz-of = { $passed } av { $cards }
quiz-time-over = Tiden är ute. Alla svar är sparade.
quiz-kept = Alla svar är sparade.
quiz-to-drill = { $cards } kort kvar att nöta; nästa förhör i dag börjar med { $cards ->
    [one] det
   *[other] dem
}.
quiz-backlog = { $cards } till ligger efter: med { $worth } om dagen tar det { $days ->
    [one] { $days } dag
   *[other] { $days } dagar
}.
quiz-back-any = Kom tillbaka när du vill: inget att repetera den närmaste veckan.
quiz-back-tomorrow = Kom tillbaka i morgon: { $due } att repetera då, { $week } inom en vecka.
quiz-back-on = Kom tillbaka på { $weekday }: { $due } att repetera då, { $week } inom en vecka.
quiz-more = `plugg quiz --new 5` ger nya kort; `plugg quiz --cram` går igenom det du kan.

## plugg ensamt, och plugg due

home-welcome = Välkommen. Tjugo områden i ditt yrke väntar, tio nya kort om dagen.
home-next = Nästa steg:
home-today = { $due } att repetera, { $new ->
    [one] { $new } nytt
   *[other] { $new } nya
}
home-minutes = ungefär { $minutes ->
    [one] { $minutes } minut
   *[other] { $minutes } minuter
}
home-due = { $due } att repetera
home-new = nya: { $areas }
home-and-more = { $names } och { $count } till
home-to-drill = { $cards } av dagens kort kvar att nöta
home-backlog = { $cards } till ligger efter, för { $days ->
    [one] morgondagen
   *[other] de närmaste { $days } dagarna
}; nya kort väntar så länge
home-done = Klart för i dag. { $due } kort att repetera { $date }.
home-done-for-a-year = Klart för i dag. Inget att repetera på ett år.
home-more = Mer: plugg quiz --new 5 · plugg quiz --cram · plugg report
