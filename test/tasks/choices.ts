/**
 * Multiple choice whose answer nobody would dispute, written for this project: continuations as in SWAG, questions as
 * in CommonsenseQA. The last 17 have wrong choices that share words or subject with the context.
 */
export interface Choice {
  readonly context: string
  readonly right: string
  readonly wrong: readonly string[]
}

export const CHOICES: readonly Choice[] = [
  {
    context: 'Paul went shopping.',
    right: 'He bought a new shirt.',
    wrong: ['Vanilla ice cream cones for sale.', 'The volcano erupted twice in 1902.'],
  },
  {
    context: 'She poured the hot coffee into a cup.',
    right: 'She drank it slowly.',
    wrong: ['The horse jumped over the fence.', 'He scored a goal in the last minute.'],
  },
  {
    context: 'The boy fell off his bike.',
    right: 'He hurt his knee.',
    wrong: ['The soup needs more salt.', 'The parliament passed the law.'],
  },
  {
    context: 'It started to rain.',
    right: 'They opened their umbrellas.',
    wrong: ['The recipe calls for two eggs.', 'The stock market closed higher.'],
  },
  {
    context: 'The chef put the cake in the oven.',
    right: 'After an hour the cake was ready.',
    wrong: ['The goalkeeper saved the penalty.', 'The satellite reached its orbit.'],
  },
  {
    context: 'A man sits down at the piano.',
    right: 'He begins to play a song.',
    wrong: ['He eats the piano.', 'The trees lose their leaves in autumn.'],
  },
  {
    context: 'The students opened their books.',
    right: 'The teacher began the lesson.',
    wrong: ['The ship sank in the storm.', 'The lion chased the zebra.'],
  },
  {
    context: 'My car broke down on the highway.',
    right: 'I called a tow truck.',
    wrong: ['The bride wore a white dress.', 'Dolphins are mammals.'],
  },
  {
    context: 'The doctor examined the patient.',
    right: 'He told her that she had the flu.',
    wrong: ['The band played all night.', 'The river flows into the sea.'],
  },
  {
    context: 'The team won the final.',
    right: 'The fans celebrated in the streets.',
    wrong: ['She painted the wall blue.', 'Add the flour and stir.'],
  },
  {
    context: 'He was very tired after work.',
    right: 'He went to bed early.',
    wrong: ['He learned to fly by flapping his arms.', 'The museum opens at ten.'],
  },
  {
    context: 'The police stopped the driver.',
    right: 'They asked for his licence.',
    wrong: ['The flowers are pink and yellow.', 'The moon is far from the earth.'],
  },
  {
    context: 'She lost her keys.',
    right: 'She could not open the door.',
    wrong: ['The cat is a small animal.', 'Bread is made from flour.'],
  },
  {
    context: 'The dog saw a cat in the garden.',
    right: 'The dog ran after the cat.',
    wrong: ['The president signed the treaty.', 'The computer needs more memory.'],
  },
  {
    context: 'The plane landed in London.',
    right: 'The passengers got off the plane.',
    wrong: ['The farmer milked the cows.', 'The teacher closed the window.'],
  },
  { context: 'Where do you keep milk so that it stays cold?', right: 'fridge', wrong: ['oven', 'bookshelf', 'garden'] },
  { context: 'What do people use to cut paper?', right: 'scissors', wrong: ['pillow', 'spoon', 'river'] },
  { context: 'Where would you find a fish?', right: 'water', wrong: ['desert', 'sky', 'library'] },
  { context: 'What do you use to write a letter?', right: 'a pen', wrong: ['a shoe', 'a tree', 'a car'] },
  { context: 'Where do students learn?', right: 'school', wrong: ['prison', 'kitchen', 'ocean'] },
  { context: 'What do bees make?', right: 'honey', wrong: ['cars', 'music', 'books'] },
  { context: 'What animal gives us milk?', right: 'cow', wrong: ['snake', 'spider', 'eagle'] },
  { context: 'Where do you go to borrow a book?', right: 'library', wrong: ['restaurant', 'beach', 'garage'] },
  { context: 'What do you wear on your feet?', right: 'shoes', wrong: ['hat', 'gloves', 'ring'] },
  { context: 'What falls from the sky in winter?', right: 'snow', wrong: ['sand', 'money', 'books'] },
  { context: 'Who flies a plane?', right: 'pilot', wrong: ['farmer', 'baker', 'teacher'] },
  { context: 'What is the opposite of hot?', right: 'cold', wrong: ['green', 'fast', 'loud'] },
  { context: 'Where does a king live?', right: 'castle', wrong: ['tent', 'cave', 'bus'] },
  { context: 'What do you use to open a locked door?', right: 'key', wrong: ['fork', 'candle', 'blanket'] },
  { context: 'Where do you sleep at night?', right: 'bed', wrong: ['sink', 'stove', 'ladder'] },
  { context: 'Who takes care of sick people?', right: 'doctor', wrong: ['thief', 'singer', 'pirate'] },
  { context: 'What do you drink when you are thirsty?', right: 'water', wrong: ['sand', 'paper', 'metal'] },
  {
    context: 'The woman picks up the phone and',
    right: 'calls her mother.',
    wrong: ['eats the window.', 'flies to the sun.'],
  },
  {
    context: 'He put on his coat because',
    right: 'it was cold outside.',
    wrong: ['the soup was blue.', 'two is a number.'],
  },
  {
    context: 'Paul went shopping.',
    right: 'He bought a new shirt.',
    wrong: ['He swam across the lake.', 'He won the election.'],
  },
  {
    context: 'She put the bread in the toaster.',
    right: 'She ate the toast with butter.',
    wrong: ['She flew to the moon.', 'She planted the bread in the garden.'],
  },
  {
    context: 'The cat was hungry.',
    right: 'She gave it some food.',
    wrong: ['She read it a newspaper.', 'She drove it to the airport.'],
  },
  {
    context: 'He turned off the light.',
    right: 'The room was dark.',
    wrong: ['The room was bright.', 'The room was full of water.'],
  },
  {
    context: 'She dropped the glass on the floor.',
    right: 'It broke into pieces.',
    wrong: ['It began to sing.', 'It grew taller.'],
  },
  {
    context: 'It was very cold outside.',
    right: 'He put on a warm coat.',
    wrong: ['He put on his swimming trunks.', 'He put ice in his shoes.'],
  },
  {
    context: 'The baby started to cry.',
    right: 'Her mother picked her up.',
    wrong: ['Her mother sold the car.', 'Her mother painted the fence.'],
  },
  {
    context: 'He ran out of petrol.',
    right: 'He walked to the nearest petrol station.',
    wrong: ['He watched a film about birds.', 'He bought his mother flowers.'],
  },
  {
    context: 'Tom forgot his homework.',
    right: 'His teacher was angry.',
    wrong: ['His teacher was a banana.', 'His dentist was pleased.'],
  },
  { context: 'What do you need to take a picture?', right: 'camera', wrong: ['frame', 'museum', 'painter'] },
  { context: 'Where does a doctor work?', right: 'hospital', wrong: ['court', 'ship', 'farm'] },
  { context: 'What does a dog like to chew?', right: 'bone', wrong: ['cloud', 'window', 'music'] },
  { context: 'Where can you see the stars at night?', right: 'sky', wrong: ['cellar', 'pocket', 'bottle'] },
  { context: 'What do you use to dry your hair?', right: 'towel', wrong: ['soap', 'comb', 'mirror'] },
  { context: 'Who cooks in a restaurant?', right: 'chef', wrong: ['waiter', 'guest', 'singer'] },
  { context: 'Where do you wait for a train?', right: 'station', wrong: ['airport', 'harbour', 'kitchen'] },
  { context: 'What do you need to see in the dark?', right: 'lamp', wrong: ['shoe', 'plate', 'song'] },
]
