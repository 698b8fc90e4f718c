"""How invented outlets in three languages tell of what comes every day.  All of it is made up, names of places aside.

A table holds one row per thing, in the order of `LANGUAGES`; a topic holds, by language, headlines and sentences whose
fields `bench.daily` fills in.
"""

from collections.abc import Mapping
from typing import NamedTuple

LANGUAGES = ("uk", "ru", "en")
Row = tuple[str, str, str]

MONTH: Row = ("квітня", "апреля", "April")
WEEKDAYS: tuple[Row, ...] = (
    ("понеділок", "понедельник", "Monday"),
    ("вівторок", "вторник", "Tuesday"),
    ("середу", "среду", "Wednesday"),
    ("четвер", "четверг", "Thursday"),
    ("п'ятницю", "пятницу", "Friday"),
    ("суботу", "субботу", "Saturday"),
    ("неділю", "воскресенье", "Sunday"),
)
SKIES: tuple[Row, ...] = (
    ("дощі з грозами", "дожди с грозами", "rain and thunder"),
    ("мокрий сніг", "мокрый снег", "wet snow"),
    ("сильний вітер", "сильный ветер", "strong wind"),
    ("густий туман", "густой туман", "dense fog"),
    ("тепло без опадів", "тепло без осадков", "warm and dry weather"),
    ("нічні заморозки", "ночные заморозки", "frost at night"),
)
REGIONS: tuple[Row, ...] = (
    ("на Закарпатті", "в Закарпатье", "in Zakarpattia"),
    ("на Волині", "на Волыни", "in Volyn"),
    ("на Полтавщині", "в Полтавской области", "in the Poltava region"),
    ("на Одещині", "в Одесской области", "in the Odesa region"),
    ("на Сумщині", "в Сумской области", "in the Sumy region"),
    ("на Вінниччині", "в Винницкой области", "in the Vinnytsia region"),
    ("на Прикарпатті", "на Прикарпатье", "in the Carpathian foothills"),
    ("на Черкащині", "в Черкасской области", "in the Cherkasy region"),
)
CLUBS: tuple[Row, ...] = (
    ("Полісся", "Полесье", "Polissia"),
    ("Зоря", "Заря", "Zoria"),
    ("Ворскла", "Ворскла", "Vorskla"),
    ("Кривбас", "Кривбасс", "Kryvbas"),
    ("Верес", "Верес", "Veres"),
    ("Оболонь", "Оболонь", "Obolon"),
    ("Карпати", "Карпаты", "Karpaty"),
    ("Рух", "Рух", "Rukh"),
    ("Колос", "Колос", "Kolos"),
    ("Металіст", "Металлист", "Metalist"),
    ("Чорноморець", "Черноморец", "Chornomorets"),
    ("Інгулець", "Ингулец", "Inhulets"),
)
SURNAMES: tuple[Row, ...] = (
    ("Гайдабура", "Гайдабура", "Haidabura"),
    ("Криничний", "Криничный", "Krynychnyi"),
    ("Лебідко", "Лебедко", "Lebidko"),
    ("Ярмолюк", "Ярмолюк", "Yarmoliuk"),
    ("Сорокань", "Сорокань", "Sorokan"),
    ("Тимощак", "Тимощак", "Tymoshchak"),
    ("Дзюбинець", "Дзюбинец", "Dziubynets"),
    ("Вербовий", "Вербовой", "Verbovyi"),
    ("Кожум'яка", "Кожемяка", "Kozhumiaka"),
    ("Паламар", "Паламарь", "Palamar"),
)
SECTORS: tuple[Row, ...] = (
    ("Покровському", "Покровском", "Pokrovsk"),
    ("Лиманському", "Лиманском", "Lyman"),
    ("Куп'янському", "Купянском", "Kupiansk"),
    ("Торецькому", "Торецком", "Toretsk"),
    ("Краматорському", "Краматорском", "Kramatorsk"),
    ("Оріхівському", "Ореховском", "Orikhiv"),
)
VILLAGES: tuple[Row, ...] = (
    ("Новоолександрівки", "Новоалександровки", "Novooleksandrivka"),
    ("Терни", "Терны", "Terny"),
    ("Піщаного", "Песчаного", "Pishchane"),
    ("Неліпівки", "Нелеповки", "Nelipivka"),
    ("Калинівки", "Калиновки", "Kalynivka"),
    ("Малої Токмачки", "Малой Токмачки", "Mala Tokmachka"),
    ("Синьківки", "Синьковки", "Synkivka"),
    ("Торського", "Торского", "Torske"),
    ("Димитрова", "Димитрова", "Dymytrov"),
    ("Ямполівки", "Ямполовки", "Yampolivka"),
)
TOWNS: tuple[Row, ...] = (
    ("у Луцьку", "в Луцке", "in Lutsk"),
    ("в Умані", "в Умани", "in Uman"),
    ("у Ніжині", "в Нежине", "in Nizhyn"),
    ("у Черкасах", "в Черкассах", "in Cherkasy"),
    ("в Ізмаїлі", "в Измаиле", "in Izmail"),
    ("у Мукачеві", "в Мукачево", "in Mukachevo"),
    ("у Конотопі", "в Конотопе", "in Konotop"),
    ("у Бердичеві", "в Бердичеве", "in Berdychiv"),
    ("у Коломиї", "в Коломые", "in Kolomyia"),
    ("у Кременчуці", "в Кременчуге", "in Kremenchuk"),
)


class Wording(NamedTuple):
    """Headlines and sentences of the first reports, and of those that follow later in the day."""

    titles: tuple[str, ...]
    sentences: tuple[str, ...]
    later_titles: tuple[str, ...]
    later_sentences: tuple[str, ...]


DAILY: Mapping[str, Mapping[str, Wording]] = {
    "weather": {
        "uk": Wording(
            (
                "Погода в Україні {day} {month}: {sky} {region}, вдень до {high} градусів",
                "Прогноз на {weekday}, {day} {month}: де чекати на {sky}",
                "Синоптики розповіли, якою буде погода у {weekday}",
            ),
            (
                "У {weekday}, {day} {month}, синоптики прогнозують {sky} {region}.",
                "Температура вночі {low}, вдень до {high} градусів тепла.",
                "До {millimetres} міліметрів опадів випаде {other}.",
                "Пориви вітру сягатимуть {gusts} метрів за секунду.",
                "У столиці протягом дня мінлива хмарність, атмосферний тиск {pressure} міліметрів.",
            ),
            ("Негода {region}: пориви вітру до {gusts} м/с залишили без світла {villages} сіл",),
            (
                "Через {sky} {day} {month} {region} знеструмлено {villages} населених пунктів.",
                "Рятувальники прибрали {trees} повалених дерев.",
                "До вечора температура впаде до {low} градусів, повідомили синоптики.",
            ),
        ),
        "ru": Wording(
            (
                "Погода на {day} {month}: {sky} {region}, днем до {high} градусов",
                "Какой будет погода в {weekday}: прогноз синоптиков на {day} {month}",
            ),
            (
                "В {weekday}, {day} {month}, ожидается {sky} {region}.",
                "Ночью воздух остынет до {low} градусов, днем прогреется до {high}.",
                "До {millimetres} миллиметров осадков выпадет {other}.",
                "Порывы ветра достигнут {gusts} метров в секунду.",
                "Атмосферное давление составит {pressure} миллиметров.",
            ),
            ("Непогода {region}: {villages} сел остались без света",),
            (
                "Из-за непогоды {day} {month} {region} обесточены {villages} населенных пунктов.",
                "Спасатели убрали {trees} упавших деревьев.",
                "Порывы ветра достигали {gusts} метров в секунду.",
            ),
        ),
        "en": Wording(
            (
                "Ukraine weather, {day} {month}: {sky} {region}, up to {high} degrees",
                "Forecasters expect {sky} {region} on {weekday}",
            ),
            (
                "Forecasters expect {sky} {region} on {weekday}, {day} {month}.",
                "Temperatures will range from {low} at night to {high} degrees by day.",
                "Up to {millimetres} millimetres of rain may fall {other}.",
                "Gusts will reach {gusts} metres a second.",
            ),
            ("Bad weather cuts power to {villages} villages {region}",),
            (
                "Gusts of {gusts} metres a second left {villages} villages {region} without power on {weekday}.",
                "Rescuers cleared {trees} fallen trees.",
                "Forecasters had warned of {sky} for {day} {month}.",
            ),
        ),
    },
    "scores": {
        "uk": Wording(
            (
                "«{winner}» – «{loser}» – {score}: огляд матчу чемпіонату України",
                "УПЛ. «{winner}» здолала «{loser}»: {scorer} забив на {minute}-й хвилині",
                "«{winner}» здобула перемогу над командою «{loser}» з рахунком {score}",
            ),
            (
                "Матч чемпіонату України між командами «{winner}» і «{loser}» завершився з рахунком {score}.",
                "Переможний гол на {minute}-й хвилині забив {scorer}.",
                "За грою спостерігали {crowd} глядачів.",
                "Після цієї перемоги «{winner}» має {points} очок.",
                "Арбітр показав {cards} жовтих карток.",
            ),
            ("{coach} після матчу «{winner}» – «{loser}»: «Хлопці билися до кінця»",),
            (
                "Тренер {coach} прокоментував перемогу «{winner}» над «{loser}» {score}.",
                "За його словами, гол, який забив {scorer}, був підготовлений на тренуваннях.",
                "У команді суперника поскаржилися на суддівство.",
            ),
        ),
        "ru": Wording(
            (
                "«{winner}» обыграл «{loser}» в чемпионате Украины – {score}",
                "УПЛ: гол {scorer} принес победу команде «{winner}» в матче с «{loser}»",
            ),
            (
                "Матч чемпионата Украины между командами «{winner}» и «{loser}» завершился со счетом {score}.",
                "Победный гол на {minute}-й минуте забил {scorer}.",
                "На трибунах собрались {crowd} зрителей.",
                "Теперь у команды «{winner}» {points} очков.",
            ),
            ("Тренер {coach} объяснил, как «{winner}» победил «{loser}»",),
            (
                "Тренер {coach} рассказал о победе «{winner}» над «{loser}» – {score}.",
                "Он похвалил игрока, который забил победный мяч: это был {scorer}.",
                "По его словам, команда заслужила {points} очков.",
            ),
        ),
        "en": Wording(
            (
                "{winner} beat {loser} {score} in Ukrainian league",
                "Late goal by {scorer} gives {winner} victory over {loser}",
            ),
            (
                "{winner} beat {loser} {score} in the Ukrainian league.",
                "{scorer} scored the winner in minute {minute} before a crowd of {crowd}.",
                "{winner} now have {points} points.",
                "The referee showed {cards} yellow cards.",
            ),
            ("{coach} praises {winner} after win over {loser}",),
            (
                "Coach {coach} said his side deserved the {score} win over {loser}.",
                "He praised {scorer}, whose goal in minute {minute} decided the match.",
                "{loser} complained about the referee.",
            ),
        ),
    },
    "front": {
        "uk": Wording(
            (
                "Генштаб: за добу на фронті сталося {clashes} боєзіткнень, найгарячіше на {sector} напрямку",
                "Ситуація на фронті {day} {month}: {clashes} боїв, ворог штурмував у районі {village}",
                "Сили оборони відбили {repelled} атак на {sector} напрямку – Генштаб",
            ),
            (
                "Протягом минулої доби зафіксовано {clashes} бойових зіткнень, повідомив Генштаб {day} {month}.",
                "На {sector} напрямку українські захисники відбили {repelled} атак у районі {village}.",
                "Противник завдав {strikes} авіаційних ударів, скинувши {bombs} керованих бомб.",
                "Крім того, ворог здійснив {shellings} обстрілів позицій і населених пунктів.",
                "Втрати противника за добу склали {losses} осіб.",
            ),
            ("Генштаб увечері: від початку доби {evening} боєзіткнень, бої біля {village} тривають",),
            (
                "Від початку доби {day} {month} відбулося {evening} зіткнень.",
                "На {sector} напрямку тривають бої в районі {village}.",
                "Ворог застосував {drones} дронів-камікадзе.",
            ),
        ),
        "ru": Wording(
            (
                "Генштаб: за сутки на фронте произошло {clashes} боевых столкновений",
                "Ситуация на фронте {day} {month}: на {sector} направлении отбито {repelled} атак",
            ),
            (
                "За прошедшие сутки зафиксировано {clashes} боевых столкновений, сообщил Генштаб {day} {month}.",
                "На {sector} направлении отбиты {repelled} атак в районе {village}.",
                "Противник нанес {strikes} авиационных ударов и сбросил {bombs} управляемых бомб.",
                "Потери противника за сутки составили {losses} человек.",
            ),
            ("Генштаб: с начала суток {evening} столкновений, бои возле {village} продолжаются",),
            (
                "С начала суток {day} {month} произошло {evening} столкновений.",
                "На {sector} направлении продолжаются бои в районе {village}.",
                "Враг применил {drones} дронов-камикадзе.",
            ),
        ),
        "en": Wording(
            (
                "General Staff: {clashes} clashes on front line in past day, {sector} sector hottest",
                "Defenders repel {repelled} attacks in {sector} sector",
            ),
            (
                "{clashes} combat clashes took place over the past day, the General Staff said on {day} {month}.",
                "In the {sector} sector, defenders repelled {repelled} attacks near {village}.",
                "The enemy launched {strikes} air strikes and dropped {bombs} guided bombs.",
                "Enemy losses over the day were {losses} personnel.",
            ),
            ("Front line update: {evening} clashes since start of day, fighting near {village}",),
            (
                "{evening} clashes have taken place since the start of {day} {month}.",
                "Fighting goes on near {village} in the {sector} sector.",
                "The enemy used {drones} kamikaze drones.",
            ),
        ),
    },
}

# News of towns: a few kinds that come again, each time in another place.
LOCAL: Mapping[str, Mapping[str, Wording]] = {
    "fire": {
        "uk": Wording(
            ("Пожежа {town}: рятувальники гасили склад площею {area} квадратних метрів",),
            (
                "Пожежа на складі сталася {town} вночі.",
                "Вогонь охопив {area} квадратних метрів.",
                "Гасили {people} рятувальників, постраждав сторож {person}.",
            ),
            ("Після пожежі на складі {town} перевіряють проводку",),
            ("Поліція {town} з'ясовує причину пожежі на {area} квадратних метрах.", "Сторож {person} у лікарні."),
        ),
        "ru": Wording(
            ("Пожар {town}: горел склад площадью {area} квадратных метров",),
            (
                "Пожар на складе произошел {town} ночью.",
                "Огонь охватил {area} квадратных метров.",
                "Тушили {people} спасателей, пострадал сторож {person}.",
            ),
            ("После пожара на складе {town} проверяют проводку",),
            ("Полиция {town} выясняет причину пожара на {area} квадратных метрах.", "Сторож {person} в больнице."),
        ),
        "en": Wording(
            ("Warehouse fire {town}: {people} rescuers fight the blaze",),
            (
                "A fire broke out in a warehouse {town} at night.",
                "It spread over {area} square metres.",
                "{people} rescuers fought it; the watchman {person} was hurt.",
            ),
            ("Wiring checked after warehouse fire {town}",),
            ("Police {town} look for the cause of the fire on {area} square metres.", "{person} is in hospital."),
        ),
    },
    "court": {
        "uk": Wording(
            ("Суд {town} засудив чиновника {person} до {years} років за хабар",),
            (
                "Суд {town} визнав посадовця {person} винним в отриманні хабаря.",
                "Ідеться про {bribe} тисяч гривень за земельну ділянку.",
                "Він проведе за ґратами {years} років.",
            ),
            ("Захист {person} оскаржить вирок у справі про хабар",),
            ("Адвокат оскаржить вирок суду {town}: {years} років за {bribe} тисяч гривень.", "Сам {person} мовчить."),
        ),
        "ru": Wording(
            ("Суд {town} приговорил чиновника {person} к {years} годам за взятку",),
            (
                "Суд {town} признал чиновника {person} виновным в получении взятки.",
                "Речь идет о {bribe} тысячах гривен за земельный участок.",
                "Он проведет за решеткой {years} лет.",
            ),
            ("Защита {person} обжалует приговор по делу о взятке",),
            ("Адвокат обжалует приговор суда {town} по делу о {bribe} тысячах гривен.", "Сам {person} молчит."),
        ),
        "en": Wording(
            ("Court {town} sentences official {person} to {years} years for bribe",),
            (
                "A court {town} found the official {person} guilty of taking a bribe.",
                "He had asked for {bribe} thousand hryvnias for a plot of land.",
                "He will spend {years} years in prison.",
            ),
            ("{person} to appeal against bribery sentence",),
            (
                "A lawyer will appeal against the sentence of {years} years given {town} over {bribe} thousand.",
                "{person} said nothing.",
            ),
        ),
    },
    "museum": {
        "uk": Wording(
            ("Музей на {area} експонатів відкрили {town}",),
            (
                "Новий музей відкрили {town}.",
                "У збірці {area} експонатів, які {years} років шукав краєзнавець {person}.",
                "Першого дня прийшли {people} відвідувачів.",
            ),
            ("Черги до нового музею {town}: години роботи подовжили",),
            ("Музей {town}, який заснував {person}, працюватиме довше.", "Його збірка має {area} експонатів."),
        ),
        "ru": Wording(
            ("Музей с {area} экспонатами открыли {town}",),
            (
                "Новый музей открыли {town}.",
                "В собрании {area} экспонатов, которые {years} лет искал краевед {person}.",
                "В первый день пришли {people} посетителей.",
            ),
            ("Очереди в новый музей {town}: часы работы продлили",),
            ("Музей {town}, который основал {person}, будет работать дольше.", "В собрании {area} экспонатов."),
        ),
        "en": Wording(
            ("Museum with {area} exhibits opens {town}",),
            (
                "A new museum has opened {town}.",
                "Its {area} exhibits were collected over {years} years by the local historian {person}.",
                "{people} visitors came on the first day.",
            ),
            ("Queues at new museum {town}: hours extended",),
            ("The museum {town} founded by {person} will stay open longer.", "It shows {area} exhibits."),
        ),
    },
}
