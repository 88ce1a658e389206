/** Choosing the picture that stands for a person or a room. It comes with what shows it to who may change it. */
export { AvatarDeeds } from './deeds';
